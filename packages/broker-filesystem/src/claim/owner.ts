/**
 * Our folder among the owners, and its heartbeat.
 * Invariants: (1) an owner's folder appears with its identity inside, in one rename; (2) only its owner puts files into
 * `claimed`, whoever takes them out has the message; (3) it disappears empty, or is swept after its owner died.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OwnFolders } from "../folder/own-folders.js";
import { ownIdentity, type ProcessIdentity } from "./process-identity.js";

/** A place for claims, alive until `leave`. */
export interface Owner {
  readonly id: string;
  readonly identity: ProcessIdentity;
  readonly folder: string;
  readonly claimed: string;
  /** Notes of temporary queues, cleaned up by whoever sweeps us. */
  readonly listening: string;
  /** Says that we live. @returns the file system's time, epoch milliseconds. */
  beat(): Promise<number>;
  /** Milliseconds since the last heartbeat. */
  silenceMs(): number;
  /** Gives up the folder. Rejects, and changes nothing, while a claim is in it. */
  leave(): Promise<void>;
}

export async function createOwner(own: OwnFolders): Promise<Owner> {
  const identity = await ownIdentity();
  const id = `${identity.pid}-${randomUUID().slice(0, 8)}`;
  const folder = join(own.owners, id);
  const prepared = join(own.owners, `.${id}`);
  await mkdir(join(prepared, "claimed"), { recursive: true });
  await mkdir(join(prepared, "listening"));
  await writeFile(join(prepared, "owner.json"), JSON.stringify(identity));
  await rename(prepared, folder);
  const heartbeat = join(folder, "owner.json");
  let beatenAt = performance.now();
  /** After a long silence somebody may have taken us for dead: then our claims are gone, and we begin anew. */
  const comeBack = async (): Promise<void> => {
    await mkdir(join(folder, "claimed"), { recursive: true });
    await mkdir(join(folder, "listening"), { recursive: true });
    await writeFile(heartbeat, JSON.stringify(identity));
  };
  return {
    id,
    identity,
    folder,
    claimed: join(folder, "claimed"),
    listening: join(folder, "listening"),
    async beat() {
      const now = new Date();
      await utimes(heartbeat, now, now).catch(comeBack);
      beatenAt = performance.now();
      return (await stat(heartbeat)).mtimeMs;
    },
    silenceMs: () => performance.now() - beatenAt,
    async leave() {
      await rmdir(join(folder, "claimed")); // fails, and leaves everything to the sweepers, unless it is empty
      await rm(folder, { recursive: true, force: true });
    },
  };
}
