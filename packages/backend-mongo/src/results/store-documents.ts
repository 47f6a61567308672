/**
 * Writes documents of results, each unless its task has SUCCESS already. MongoDB decides that, document by document: a
 * document is inserted, which fails where there is one, or replaces one whose state is another.
 * @module
 */
import type { Collection } from "mongodb";
import { duplicateKeys } from "../connect/duplicate-keys.js";
import type { StoredDocument } from "../connect/mongo-server.js";

type Tasks = Collection<StoredDocument>;

const UNORDERED = { ordered: false } as const;

/**
 * For tasks of which nothing is likely to be stored.
 * @returns Those of which there was something: they are not written.
 */
export async function insertDocuments(
  tasks: Tasks,
  documents: readonly StoredDocument[],
): Promise<readonly StoredDocument[]> {
  if (documents.length === 0) return [];
  try {
    await tasks.insertMany(documents, UNORDERED);
    return [];
  } catch (error) {
    const duplicates = duplicateKeys(error, documents.length);
    if (duplicates === undefined) throw error;
    // Those that were inserted after all are replaced by themselves.
    return duplicates.isComplete ? documents.filter((_document, place) => duplicates.places.has(place)) : documents;
  }
}

/** For tasks of which something is likely to be stored. */
export async function replaceDocuments(tasks: Tasks, documents: readonly StoredDocument[]): Promise<void> {
  if (documents.length === 0) return;
  try {
    await replace(tasks, documents, true);
  } catch (error) {
    const duplicates = duplicateKeys(error, documents.length);
    if (duplicates === undefined) throw error;
    // There is a document that was not to be replaced, or one that another worker inserted just now.
    const open = documents.filter((_document, place) => !duplicates.isComplete || duplicates.places.has(place));
    if (duplicates.isComplete) await replace(tasks, open, false);
    else for (const document of open) await replaceDocuments(tasks, [document]);
  }
}

function replace(tasks: Tasks, documents: readonly StoredDocument[], upsert: boolean): Promise<unknown> {
  const operations = documents.map((replacement) => ({
    replaceOne: { filter: { _id: replacement._id, status: { $ne: "SUCCESS" } }, replacement, upsert },
  }));
  return tasks.bulkWrite(operations, UNORDERED);
}
