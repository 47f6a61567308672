/**
 * Who holds a claim, and whether that process still lives. A process on our machine and in our process namespace can be
 * asked; any other one is judged by its heartbeat.
 * @module
 */
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { systemCode } from "../folder/folder-fault.js";

/** A process, told apart from later ones with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly hostname: string;
  /** Clock ticks between the start of the machine and that of the process; empty where there is no `/proc`. */
  readonly startTime: string;
  /** New at each start of the machine; empty where there is no `/proc`. */
  readonly bootId: string;
  /** Containers on one machine count their processes apart. */
  readonly pidNamespace: string;
}

/** The process we are. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const pid = process.pid;
  const nothing = (): string => "";
  return {
    pid,
    hostname: hostname(),
    startTime: (await startTimeOf(pid)) ?? "",
    bootId: (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(nothing)).trim(),
    pidNamespace: await readlink("/proc/self/ns/pid").catch(nothing),
  };
}

/** Whether we can ask the system about a process of this identity. */
export function isNeighbour(own: ProcessIdentity, other: ProcessIdentity): boolean {
  return own.hostname === other.hostname && own.bootId === other.bootId && own.pidNamespace === other.pidNamespace;
}

/** Whether a neighbour is gone. `undefined`: a process of that number lives, but it may be another one. */
export async function isGone(other: ProcessIdentity): Promise<boolean | undefined> {
  if (other.startTime !== "") return (await startTimeOf(other.pid)) !== other.startTime;
  try {
    process.kill(other.pid, 0);
    return undefined;
  } catch (error) {
    return systemCode(error) === "ESRCH" ? true : undefined;
  }
}

/** Reads what `ownIdentity` wrote; `undefined` when it is something else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, hostname, startTime, bootId, pidNamespace } = value as Record<string, unknown>; // each member is checked
  const texts = [hostname, startTime, bootId, pidNamespace];
  if (typeof pid !== "number" || !texts.every((member) => typeof member === "string")) return undefined;
  return { pid, ...(value as Omit<ProcessIdentity, "pid">) };
}

/** Field 22 of `/proc/<pid>/stat`; `undefined` for a process that is gone, a zombie included. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in brackets and may hold anything, so fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
