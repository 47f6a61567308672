import { createHash } from "node:crypto";

/** Namespace of our ids, as version 5 UUIDs want one; any fixed bytes will do. */
const NAMESPACE = Buffer.from("6f1d3c0c6a3b4c1f9d6e0b7c5a2e4f18", "hex");

/**
 * Ids for what follows a task at one place (`link:0`, `chain`) and was given none: the same ones in the same order each
 * time, so that a send repeated after a crash or a lost answer is recognised by its id (RELIABILITY G10).
 */
export function followerIds(taskId: string, place: string): () => string {
  let count = 0;
  return () => {
    const id = followerId(taskId, count === 0 ? place : `${place}:${count}`);
    count += 1;
    return id;
  };
}

function followerId(taskId: string, place: string): string {
  const hash = createHash("sha1").update(NAMESPACE).update(taskId).update("\0").update(place).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
