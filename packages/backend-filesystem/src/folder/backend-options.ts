import { resolve } from "node:path";
import { BackendError, ConfigError } from "@celeriac/core/errors";
import type { AdapterContext } from "@celeriac/core/ports";
import {
  type Compression,
  checkResultCompression,
  createResultCompression,
  type ResultCompression,
} from "@celeriac/core/protocol";

export interface FilesystemBackendOptions {
  /** Where the results are. Made by the first call. */
  readonly folder: string;
  /** Celery's `global_keyprefix`, in front of every file name; an underscore is added unless it ends with one of `:_-.`. */
  readonly globalKeyprefix?: string;
  /**
   * Keeps results of 1,024 bytes and more compressed: `zlib`, `gzip`, `brotli` or a compression of one's own. No Python peer
   * reads those, so Celery's `result_compression` alone, which Python ignores, does not turn it on. Groups and their members
   * stay plain: any worker may have to read them for their chord. Default: none. Both are read.
   */
  readonly resultCompression?: string | Compression;
  /** Flush every result to the disk before it counts as stored: survives a power cut, costs a disk flush. Default false. */
  readonly fsync?: boolean;
  /** Longest time between two looks at watched results when the system reports no changes, in milliseconds. Default 1,000. */
  readonly pollIntervalMs?: number;
  /** How long an incomplete record may be still in the writing, in milliseconds. Default 500. */
  readonly partialGraceMs?: number;
  /** Deadline of a call that names none, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/** Options with every decision made. */
export interface BackendSettings {
  /** Absolute. */
  readonly folder: string;
  readonly keyPrefix: string;
  readonly compression: ResultCompression;
  readonly fsync: boolean;
  readonly pollIntervalMs: number;
  readonly partialGraceMs: number;
  readonly timeoutMs: number;
}

/** Applies defaults. @throws ConfigError for a compression that is not known. */
export function parseBackendOptions(options: FilesystemBackendOptions): BackendSettings {
  return {
    folder: resolve(options.folder),
    keyPrefix: keyPrefix(options.globalKeyprefix ?? ""),
    compression: createResultCompression({ method: options.resultCompression }),
    fsync: options.fsync ?? false,
    pollIntervalMs: options.pollIntervalMs ?? 1_000,
    partialGraceMs: options.partialGraceMs ?? 500,
    timeoutMs: options.timeoutMs ?? 30_000,
  };
}

/**
 * Reads `file:///path`, with `file://localhost/path` and the verbatim path (no percent decoding) as Celery does.
 * @throws BackendError `BACKEND_REFUSED` for another URL, a wrong option, or a serializer other than JSON; ConfigError for a
 * compression that is not known.
 */
export function parseBackendUrl(url: string, context: AdapterContext): FilesystemBackendOptions {
  const match = /^file:\/\/(?:localhost(?=\/))?(.+)$/s.exec(url);
  if (match?.[1] === undefined) throw refused(`"${url}" is no URL of a result folder. Write file:///absolute/path.`);
  const serializer = context.resultSerializer ?? "json";
  if (serializer !== "json") {
    throw refused(`The filesystem backend stores JSON; result_serializer is "${serializer}". Set it to "json".`);
  }
  const given = new Map(
    Object.entries(context.transportOptions).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
  const prefix = given.get("global_keyprefix");
  if (prefix !== undefined && typeof prefix !== "string") throw refused(`"global_keyprefix" must be text.`);
  const method = given.get("result_compression") ?? undefined;
  const wanted = method === undefined ? undefined : checkResultCompression(method);
  if (wanted !== undefined) {
    const message = `is ${JSON.stringify(method)}; it must be ${wanted}.`;
    throw new ConfigError([{ key: "result_backend_transport_options.result_compression", message }]);
  }
  const fsync = given.get("fsync");
  if (fsync !== undefined && typeof fsync !== "boolean") throw refused(`"fsync" must be true or false.`);
  return {
    folder: match[1],
    ...(prefix === undefined ? {} : { globalKeyprefix: prefix }),
    ...(fsync === undefined ? {} : { fsync }),
    ...(typeof method === "string" ? { resultCompression: method } : {}),
  };
}

function keyPrefix(given: string): string {
  return given === "" || /[:_\-.]$/.test(given) ? given : `${given}_`;
}

function refused(message: string): BackendError {
  return new BackendError(message, { code: "BACKEND_REFUSED" });
}
