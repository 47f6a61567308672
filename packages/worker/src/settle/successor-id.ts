import { createHash } from "node:crypto";

/** Namespace of our ids, as version 5 UUIDs want one; any fixed bytes will do. */
const NAMESPACE = Buffer.from("6f1d3c0c6a3b4c1f9d6e0b7c5a2e4f18", "hex");

/**
 * The id of a task that follows another one and was given none: always the same for the same place, so that a send
 * repeated after a crash or a lost answer is recognised by its id (G10).
 */
export function successorId(parentId: string, place: string): string {
  const hash = createHash("sha1").update(NAMESPACE).update(parentId).update("\0").update(place).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
