import type { ConfigError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import { parseBackendOptions, readBackendOptions } from "./backend-settings.js";

function issuesOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    return (error as ConfigError).issues.map((issue) => `${issue.key} ${issue.message}`);
  }
  return [];
}

describe("backend options", () => {
  it("writes pickles to Celery's tables, and leaves chords to celery.chord_unlock, unless told otherwise", () => {
    expect(parseBackendOptions({})).toMatchObject({
      ...{ resultColumn: "pickle", nativeChords: false, createTables: true, notify: true, timeoutMs: 10_000 },
      engine: { poolSize: 15 },
      tables: {
        task: { schema: undefined, name: "celery_taskmeta" },
        group: { schema: undefined, name: "celery_tasksetmeta" },
        chord: { schema: undefined, name: "celeriac_chord" },
        chordEntry: { schema: undefined, name: "celeriac_chord_entry" },
      },
    });
  });

  it("reads Celery's settings under their own names too", () => {
    const transportOptions = {
      ...{ database_table_names: { task: "t" }, database_table_schemas: { chord: "s" }, native_chords: true },
      database_engine_options: { pool_size: 2, max_overflow: 0, pool_recycle: 60, pool_pre_ping: true, echo: true },
    };
    const options = readBackendOptions({ transportOptions, resultExpires: 5, resultSerializer: "json" });
    expect(parseBackendOptions(options)).toMatchObject({
      nativeChords: true,
      tables: { task: { name: "t" }, chord: { schema: "s" }, chordEntry: { schema: "s" } },
      engine: { poolSize: 2, recycleMs: 60_000, echo: true },
    });
  });

  it("take what other stores read from a shared configuration", () => {
    const transportOptions = { retry_policy: { timeout: 5 }, visibility_timeout: 5, global_keyprefix: "x" };
    expect(readBackendOptions({ transportOptions })).toEqual({});
    expect(readBackendOptions({ transportOptions: { result_compression: "zlib" } })).toEqual({
      resultCompression: "zlib",
    });
  });

  it("reports every problem at once", () => {
    const options = {
      ...{
        resultSerializer: "yaml",
        resultCompression: "lzma",
        timeoutMs: 0,
        maxResultBytes: 1.5,
        tableSchemas: { task: "" },
      },
      tableNames: { task: 'x"; DROP TABLE y', group: "a`b", chord: "c'd", chordEntry: "e.f" },
      engineOptions: { poolsize: 3 },
    };
    expect(issuesOf(() => parseBackendOptions(options))).toEqual([
      expect.stringMatching(/^resultSerializer is "yaml".*json/),
      expect.stringMatching(/^resultCompression is "lzma".*zlib, gzip or brotli/),
      expect.stringMatching(/^timeoutMs/),
      expect.stringMatching(/^maxResultBytes/),
      expect.stringMatching(/^tableNames\.task .*quotes/),
      expect.stringMatching(/^tableNames\.group .*quotes/),
      expect.stringMatching(/^tableNames\.chord .*quotes/),
      expect.stringMatching(/^tableNames\.chordEntry .*dots/),
      expect.stringMatching(/^tableSchemas\.task/),
      expect.stringMatching(/^engineOptions\.poolsize .*Did you mean poolSize/),
    ]);
    expect(issuesOf(() => readBackendOptions({ transportOptions: { nativechords: true } }))).toEqual([
      expect.stringMatching(/^result_backend_transport_options\.nativechords .*nativeChords/),
    ]);
  });

  it.each(["", "x".repeat(64), "tab\tle", "a\\b", "a[b", "a;b", "nul\0"])("the table name %j is refused", (task) => {
    expect(issuesOf(() => parseBackendOptions({ tableNames: { task } }))).toHaveLength(1);
  });

  it("a table that is none of ours is refused", () => {
    const tableNames = { tasks: "t" } as object;
    expect(issuesOf(() => parseBackendOptions({ tableNames }))).toEqual([expect.stringMatching(/task, group, chord/)]);
  });
});
