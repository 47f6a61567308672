/**
 * Narrows replies of the server. A reply of another shape means a server (or a proxy) that is not Redis: it throws.
 * @module
 */

/** @throws TypeError when the reply is no integer. */
export function integerReply(reply: unknown): number {
  if (typeof reply === "number") return reply;
  throw new TypeError(`Redis sent ${typeof reply} where an integer was expected.`);
}

/** @throws TypeError when the reply is no array. */
export function listReply(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw new TypeError(`Redis sent ${typeof reply} where a list was expected.`);
}

/** Text, or `undefined` for nil. @throws TypeError for anything else. */
export function textReply(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined;
  if (typeof reply === "string") return reply;
  if (Buffer.isBuffer(reply)) return reply.toString();
  throw new TypeError(`Redis sent ${typeof reply} where text was expected.`);
}

/** Bytes, or `undefined` for nil. @throws TypeError for anything else. */
export function bytesReply(reply: unknown): Buffer | undefined {
  if (reply === null || reply === undefined) return undefined;
  if (Buffer.isBuffer(reply)) return reply;
  throw new TypeError(`Redis sent ${typeof reply} where bytes were expected.`);
}
