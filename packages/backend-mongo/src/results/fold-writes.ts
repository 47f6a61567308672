import type { StoredDocument } from "../connect/mongo-server.js";

/**
 * What is left of several stores for one task: the last one, or the first SUCCESS, which nothing follows. A bulk write that
 * touched a document twice would do so in any order.
 */
export function foldWrites(documents: readonly StoredDocument[]): readonly StoredDocument[] {
  const kept = new Map<string, StoredDocument>();
  for (const document of documents) {
    if (kept.get(document._id)?.status !== "SUCCESS") kept.set(document._id, document);
  }
  return [...kept.values()];
}
