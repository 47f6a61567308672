import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../folder/folder-fault.js";
import { queueOf } from "../folder/message-name.js";

/** Files of the messages waiting in `queue`, in no order. */
export async function waitingIn(folder: string, queue: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => queueOf(name) === queue);
}

/** Removes the waiting messages; resolves with how many we removed. */
export async function purgeQueue(folder: string, queue: string): Promise<number> {
  let count = 0;
  for (const name of await waitingIn(folder, queue)) {
    try {
      await unlink(join(folder, name));
      count += 1;
    } catch (error) {
      if (!isMissing(error)) throw error; // else a consumer was faster
    }
  }
  return count;
}
