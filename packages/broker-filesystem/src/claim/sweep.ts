/**
 * Gives back what dead processes held. Any broker may sweep at any time; a file is adopted by renaming it into our own
 * `claimed` folder, so of several sweepers one gets it, and one that dies in the middle is swept itself.
 * @module
 */
import { readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../folder/folder-fault.js";
import type { FolderSettings } from "../folder/folder-options.js";
import { queueOf } from "../folder/message-name.js";
import type { OwnFolders } from "../folder/own-folders.js";
import { waitingName } from "./claim-name.js";
import type { Claims } from "./claims.js";
import type { Owner } from "./owner.js";
import { isGone, isNeighbour, parseIdentity } from "./process-identity.js";

/** What is in the making for longer than this was left by a process that died. */
const ABANDONED_MS = 3_600_000;

export interface SweepContext {
  readonly settings: FolderSettings;
  readonly own: OwnFolders;
  readonly owner: Owner;
  readonly claims: Claims;
  /** Removes a temporary queue that a dead process had; the text is its note. */
  readonly dropListener: (note: string) => Promise<void>;
}

/** One round. @param nowMs - The file system's time, which may differ from ours. */
export async function sweep(context: SweepContext, nowMs: number): Promise<void> {
  for (const id of await namesIn(context.own.owners)) {
    if (id !== context.owner.id && !id.startsWith(".") && (await isDead(context, id, nowMs))) await adopt(context, id);
  }
  const { tmp, locks, owners } = context.own;
  await removeAbandoned(tmp, nowMs, () => true);
  await removeAbandoned(locks, nowMs, () => true);
  await removeAbandoned(owners, nowMs, (name) => name.startsWith("."));
}

async function isDead({ own, owner, settings }: SweepContext, id: string, nowMs: number): Promise<boolean> {
  const path = join(own.owners, id, "owner.json");
  try {
    const isSilent = nowMs - (await stat(path)).mtimeMs > settings.leaseMs;
    const identity = parseIdentity(await readFile(path, "utf8"));
    if (identity === undefined || !isNeighbour(owner.identity, identity)) return isSilent;
    return (await isGone(identity)) ?? isSilent;
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Left by a sweep that died half way, or by an owner that is just leaving: then there is nothing to find.
    return true;
  }
}

async function adopt({ own, claims, dropListener }: SweepContext, id: string): Promise<void> {
  const folder = join(own.owners, id);
  const claimed = join(folder, "claimed");
  for (const file of await namesIn(claimed)) await restoreOne(claims, claimed, file);
  const listening = join(folder, "listening");
  for (const note of await namesIn(listening)) {
    const text = await readFile(join(listening, note), "utf8").catch(() => undefined);
    if (text !== undefined) await dropListener(text);
  }
  // Only an empty folder goes: an owner that lives after all may have claimed in this very moment.
  try {
    await rmdir(claimed);
  } catch (error) {
    if (!isMissing(error)) return;
  }
  await rm(folder, { recursive: true, force: true });
}

async function restoreOne(claims: Claims, folder: string, file: string): Promise<void> {
  const queue = queueOf(waitingName(file));
  if (queue === undefined) return;
  const claim = await claims.adopt(queue, waitingName(file), join(folder, file));
  if (claim !== undefined) await claims.restore(claim.tag);
}

async function removeAbandoned(folder: string, nowMs: number, isOurs: (name: string) => boolean): Promise<void> {
  for (const name of (await namesIn(folder)).filter(isOurs)) {
    const path = join(folder, name);
    const modifiedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => nowMs,
    );
    if (nowMs - modifiedMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
