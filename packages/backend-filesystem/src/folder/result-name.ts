/**
 * File names of results: Celery's keys. An id that cannot be part of a file name (Celery cannot store those at all) is
 * replaced by its hash.
 * @see celery `backends/filesystem.py`; PROTOCOL 7.4.
 * @module
 */
import { createHash } from "node:crypto";

/** Longest file name everywhere, in bytes. */
const LONGEST = 255;
const FORBIDDEN = process.platform === "win32" ? /[<>:"/\\|?*\p{Cc}\p{Surrogate}]/u : /[/\0\p{Surrogate}]/u;

const TASK = "celery-task-meta-";
const GROUP = "celery-taskset-meta-";
const CHORD = "chord-unlock-";

export function taskFileName(keyPrefix: string, taskId: string): string {
  return safeName(`${keyPrefix}${TASK}`, taskId);
}

export function groupFileName(keyPrefix: string, groupId: string): string {
  return safeName(`${keyPrefix}${GROUP}`, groupId);
}

/** Whether a file is a result, a saved group or a chord counter: what may expire. */
export function isResultFile(keyPrefix: string, fileName: string): boolean {
  return [TASK, GROUP, CHORD].some((prefix) => fileName.startsWith(`${keyPrefix}${prefix}`));
}

function safeName(prefix: string, id: string): string {
  const name = `${prefix}${id}`;
  if (!FORBIDDEN.test(name) && Buffer.byteLength(name) <= LONGEST) return name;
  return `${prefix}~${createHash("sha256").update(id, "utf16le").digest("hex")}`;
}
