import { createHash } from "node:crypto";
import type { PollingWatcherOptions, Reading } from "@celeriac/core/lifecycle";
import { encodeJson } from "@celeriac/core/protocol";
import type { StoredDocument } from "../connect/mongo-server.js";
import { fromBson } from "../results/bson-value.js";
import { OWN, ownFieldsOf } from "../results/own-fields.js";
import type { ResultCollection } from "../results/result-collection.js";
import { decodeDocument } from "../results/result-document.js";
import type { ResultValueOptions } from "../results/result-value.js";

const MARK_FIELDS = { status: 1, date_done: 1, [`${OWN}.rev`]: 1 } as const;

/**
 * Reads states for the watcher. The mark of a state that we stored is its `rev`; of Python's, state and date, and where
 * there is no date, as in states that are not ready, the value too.
 */
export function createStateReader(
  results: ResultCollection,
  value: ResultValueOptions,
): Pick<PollingWatcherOptions, "readStates" | "readMarks"> {
  return {
    async readStates(taskIds) {
      const documents = await results.find(taskIds);
      return new Map(documents.map((document): [string, Reading] => [document._id, readingOf(document, value)]));
    },
    async readMarks(taskIds) {
      const found = await results.find(taskIds, MARK_FIELDS);
      const marks = new Map(found.map((document) => [document._id, briefMark(document)]));
      const unclear = [...marks].filter(([, mark]) => mark === undefined).map(([taskId]) => taskId);
      for (const document of await results.find(unclear)) marks.set(document._id, markOf(document));
      return new Map([...marks].flatMap(([taskId, mark]) => (mark === undefined ? [] : [[taskId, mark]])));
    },
  };
}

function readingOf(document: StoredDocument, value: ResultValueOptions): Reading {
  const mark = markOf(document);
  try {
    return { mark, meta: decodeDocument(document, value) };
  } catch (error) {
    return { mark, error };
  }
}

function markOf(document: StoredDocument): string {
  return briefMark(document) ?? `${String(document.status)} ${fingerprint(document.result)}`;
}

/** `undefined` when the value is needed to tell one state from the next. */
function briefMark(document: StoredDocument): string | undefined {
  const { rev } = ownFieldsOf(document);
  if (typeof rev === "string") return rev;
  const { status, date_done: date } = document;
  return date instanceof Date ? `${String(status)} ${date.getTime()}` : undefined;
}

function fingerprint(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string" ? value : encodeJson(fromBson(value));
  } catch {
    text = String(value);
  }
  return createHash("sha1").update(text).digest("base64url");
}
