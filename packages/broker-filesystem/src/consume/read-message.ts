import { readFile, stat } from "node:fs/promises";
import type { DecodeError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import { decodeEnvelope, type Envelope } from "@celeriac/core/protocol";

/** A message file, read. */
export type ReadMessage = { readonly raw: Uint8Array } & (
  | { readonly envelope: Envelope; readonly malformed?: undefined }
  | { readonly envelope?: undefined; readonly malformed: DecodeError }
);

const RETRY_MS = 5;
const BRACE = "}".charCodeAt(0);

/**
 * Reads a claimed message. kombu writes into the file while it has its final name already, so one that is young and ends
 * in the middle is read again before it counts as malformed.
 * @throws system errors of reading
 */
export async function readMessage(path: string, partialGraceMs: number): Promise<ReadMessage> {
  for (;;) {
    const raw = await readFile(path);
    try {
      return { raw, envelope: decodeEnvelope(raw) };
    } catch (error) {
      const malformed = error as DecodeError; // all that decodeEnvelope throws
      if (raw.at(-1) === BRACE) return { raw, malformed };
      const { mtimeMs, size } = await stat(path);
      if (size === raw.byteLength && Date.now() - mtimeMs > partialGraceMs) return { raw, malformed };
    }
    await systemClock.sleep(RETRY_MS);
  }
}
