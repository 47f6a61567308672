import { createHash } from "node:crypto";
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { DeadLetterRecord, DeadLetterStore } from "@celeriac/core/ports";
import { isMissing } from "../folder/folder-fault.js";
import { stageFile } from "../folder/write-file.js";
import type { Session } from "../session.js";

/** One file per record, `<time>_<hash of the id>.json`, so that a listing is in order of time without opening any. */
export function folderDeadLetters(session: Session): DeadLetterStore {
  const folder = session.own.deadLetters;
  return {
    add: (record, options) =>
      session.call("store a dead letter", options, async () => {
        const staged = await stageFile(session.own.locks, JSON.stringify(record), session.settings.fsync);
        await staged.place(join(folder, `${String(record.at).padStart(16, "0")}_${hashOf(record.id)}.json`));
      }),
    list: (options) =>
      session.call("list dead letters", options, async () => {
        const names = (await readdir(folder))
          .sort()
          .reverse()
          .slice(0, options?.limit ?? 100);
        const records = await Promise.all(names.map((name) => readRecord(join(folder, name))));
        return records.filter((record) => record !== undefined);
      }),
    count: (options) => session.call("count dead letters", options, async () => (await readdir(folder)).length),
    remove: (id, options) =>
      session.call("remove a dead letter", options, async () => {
        const suffix = `_${hashOf(id)}.json`;
        const name = (await readdir(folder)).find((candidate) => candidate.endsWith(suffix));
        if (name === undefined) return false;
        return unlink(join(folder, name)).then(
          () => true,
          (error: unknown) => {
            if (isMissing(error)) return false;
            throw error;
          },
        );
      }),
  };
}

/** Ids may hold anything, file names may not. */
function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}

async function readRecord(path: string): Promise<DeadLetterRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as DeadLetterRecord; // written by `add`, whole
  } catch (error) {
    if (isMissing(error)) return undefined; // removed meanwhile
    throw error;
  }
}
