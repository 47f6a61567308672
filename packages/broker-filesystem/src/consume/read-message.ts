import { readFile, stat } from "node:fs/promises";
import type { DecodeError } from "@celeriac/core/errors";
import { decodeEnvelope, type Envelope } from "@celeriac/core/protocol";

/** A message file, read. */
export type ReadMessage = { readonly raw: Uint8Array } & (
  | { readonly envelope: Envelope; readonly malformed?: undefined }
  | { readonly envelope?: undefined; readonly malformed: DecodeError }
);

/** A message file that ends in the middle, and may be still in the writing. */
export interface CutMessage {
  readonly raw?: undefined;
  /** Bytes there are. */
  readonly size: number;
  /** When it was first seen with this size, milliseconds of `performance.now()`. */
  readonly sinceMs: number;
}

/**
 * Reads a claimed message. kombu writes into the file while it has its final name already, so one that ends in the middle
 * counts as malformed only when it has not grown for `partialGraceMs`.
 * @param before - What the last look has found, when there was one.
 * @throws system errors of reading
 */
export async function readMessage(
  path: string,
  partialGraceMs: number,
  before?: CutMessage,
): Promise<ReadMessage | CutMessage> {
  // Our own watch too: the time on the file is another machine's on a network, and may be still to come.
  const isWatchedLong = before !== undefined && performance.now() - before.sinceMs > partialGraceMs;
  if (before !== undefined && !isWatchedLong && (await stat(path)).size === before.size) return before;
  const raw = await readFile(path);
  try {
    return { raw, envelope: decodeEnvelope(raw) };
  } catch (error) {
    const malformed = error as DecodeError; // all that decodeEnvelope throws
    if (isJson(raw)) return { raw, malformed };
    const { mtimeMs, size } = await stat(path);
    const hasGrown = size !== raw.byteLength || (before !== undefined && size !== before.size);
    if (!hasGrown && (isWatchedLong || Date.now() - mtimeMs > partialGraceMs)) return { raw, malformed };
    return { size: raw.byteLength, sinceMs: hasGrown ? performance.now() : (before?.sinceMs ?? performance.now()) };
  }
}

/** An object of JSON that ends in the middle is none, so what is JSON has been written to its end. */
function isJson(raw: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(raw));
    return true;
  } catch {
    return false;
  }
}
