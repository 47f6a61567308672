import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A complete file that nobody can see yet. */
export interface StagedFile {
  /** Makes it visible under its name, in one step. */
  place(path: string): Promise<void>;
  /** Removes it instead. */
  discard(): Promise<void>;
}

/**
 * Writes a whole file beside where it will be, so that readers see it complete or not at all.
 * @param fsync - Flush the file before it is placed, and the folder after.
 */
export async function stageFile(tmpFolder: string, content: string | Uint8Array, fsync: boolean): Promise<StagedFile> {
  const staged = join(tmpFolder, randomUUID());
  const file = await open(staged, "wx");
  try {
    await file.writeFile(content);
    if (fsync) await file.sync();
  } catch (error) {
    await file.close();
    await rm(staged, { force: true });
    throw error;
  }
  await file.close();
  return {
    async place(path) {
      await rename(staged, path);
      if (fsync) await syncFolder(dirname(path));
    },
    discard: () => rm(staged, { force: true }),
  };
}

/** Flushes the names of a folder. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
