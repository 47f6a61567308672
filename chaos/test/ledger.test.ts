import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { parseLedger, readLedgers } from "../src/auditor/ledger-entry.js";
import type { LedgerKind } from "../src/ledger/ledger.js";
import { formatLine, openLedger } from "../src/ledger/ledger.js";

const dirs: string[] = [];

function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "celeriac-ledger-"));
  dirs.push(dir);
  return dir;
}

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

describe("a ledger line", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/);

  it("says to the auditor's own parser what the writer meant", () => {
    const kinds = fc.constantFrom<LedgerKind>("P", "K", "N", "C", "S", "E", "A", "X");
    const extra = fc.option(fc.dictionary(word, fc.oneof(fc.string(), fc.integer(), fc.boolean())), { nil: undefined });
    fc.assert(
      fc.property(kinds, word, fc.nat(), word, extra, (kind, id, attempt, boot, about) => {
        const event = { id, attempt, ...(about === undefined ? {} : { extra: about }) };
        const line = formatLine(kind, event, { run: "r1", boot, pid: 7, nowUs: 12_345_678n });
        const { entries, malformed } = parseLedger(line);
        expect(malformed).toEqual([]);
        expect(entries).toEqual([
          {
            kind,
            atMs: 12_345.678,
            run: "r1",
            id,
            attempt,
            pid: 7,
            boot,
            extra: JSON.parse(JSON.stringify(about ?? {})),
          },
        ]);
      }),
    );
  });

  it("refuses fields that would break it", () => {
    const place = { run: "r", boot: "w1.1", pid: 1, nowUs: 1n };
    expect(() => formatLine("S", { id: "two words" }, place)).toThrow("cannot be a field");
    expect(() => formatLine("S", { id: "" }, place)).toThrow("cannot be a field");
    expect(() => formatLine("S", { id: "line\nfeed" }, place)).toThrow("cannot be a field");
  });

  it("refuses to be longer than what one write keeps whole", () => {
    const ledger = openLedger({ dir: freshDir(), run: "r", boot: "w1.1" });
    expect(() => ledger.write("S", { id: "t", extra: { text: "x".repeat(5000) } })).toThrow("could be torn");
    ledger.close();
  });
});

describe("reading ledgers", () => {
  it("reports torn and foreign lines instead of skipping them", () => {
    const text = 'S 1 r t 0 1 w1.1 -\nQ 1 r t 0 1 w1.1 -\nE 2 r t 0 1 w1.1 {"out":\nE 3 r t 0 1 w1.1 {"o';
    const { entries, malformed } = parseLedger(text);
    expect(entries.map((entry) => entry.kind)).toEqual(["S"]);
    expect(malformed).toHaveLength(3);
  });

  it("merges the files of all processes in order of time", () => {
    const dir = freshDir();
    const one = openLedger({ dir, run: "r", boot: "a" });
    const two = openLedger({ dir, run: "r", boot: "b" });
    one.write("P", { id: "t" });
    two.write("S", { id: "t" });
    one.write("K", { id: "t" });
    one.close();
    two.close();
    const { entries, malformed } = readLedgers(dir);
    expect(malformed).toEqual([]);
    expect(entries.map((entry) => `${entry.kind}${entry.boot}`)).toEqual(["Pa", "Sb", "Ka"]);
  });

  it("finds every line that a process wrote before it was killed, whole", async () => {
    const dir = freshDir();
    const writer = spawn(process.execPath, ["-e", WRITER, join(dir, "w.ledger")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = 0;
    writer.stdout.on("data", (chunk: Buffer) => {
      told = Number(chunk.toString().trimEnd().split("\n").at(-1));
      if (told > 2000) writer.kill("SIGKILL");
    });
    await once(writer, "close");
    const { entries, malformed } = readLedgers(dir);
    expect(malformed).toEqual([]);
    expect(entries.length).toBeGreaterThanOrEqual(told);
  });
});

/** Writes lines the way the ledger does, and tells how many it has written. */
const WRITER = `
const fs = require("node:fs");
const fd = fs.openSync(process.argv[1], "a");
for (let n = 1; ; n += 1) {
  fs.writeSync(fd, "S " + n + " r t" + n + " 0 " + process.pid + " w1.1 {\\"pad\\":\\"" + "x".repeat(n % 3000) + "\\"}\\n");
  if (n % 500 === 0) fs.writeSync(1, n + "\\n");
}`;
