/**
 * Temporary queues (control, events, replies) leave a note in their owner's folder, so that whoever sweeps a dead owner
 * removes the binding and the copies that gathered.
 * @module
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Queue } from "@celeriac/core/ports";
import type { Owner } from "../claim/owner.js";
import { type BindingEntry, entryOf, parseTable } from "../exchange/binding-entry.js";
import type { Session } from "../session.js";
import { purgeQueue } from "../store/queue-folder.js";

/** @returns a function that takes the note away. */
export async function noteListener(owner: Owner, noteId: string, queue: Queue): Promise<() => Promise<void>> {
  const path = join(owner.listening, noteId);
  await writeFile(path, JSON.stringify([[queue.exchange.name, "", queue.name], entryOf(queue)]));
  return () => rm(path, { force: true });
}

/** Removes what a note is about. A note that cannot be read was never finished. */
export async function dropListener(session: Session, note: string): Promise<void> {
  const [subject, entry]: readonly (BindingEntry | undefined)[] = parseTable(note) ?? [];
  if (subject === undefined || entry === undefined) return;
  if (subject[0] !== "") await session.tables.unbind(subject[0], entry);
  await purgeQueue(session.settings.inFolder, subject[2]);
}
