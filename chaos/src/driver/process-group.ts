import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Processes of a group, as /proc shows them; only the leader where there is no /proc. */
export function groupMembers(group: number): readonly number[] {
  const members = list().filter((pid) => groupOf(pid) === group);
  return members.length === 0 ? [group] : members;
}

const LOOK_MS = 5;

/** Whether no process of the group is left within `withinMs`. */
export async function groupEnds(group: number, withinMs: number): Promise<boolean> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    if (!isAlive(group)) return true;
    if (performance.now() > untilMs) return false;
    await pause(LOOK_MS);
  }
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return list().some((pid) => groupOf(pid) === group); // what is left may be nobody's to reap
  } catch {
    return false;
  }
}

function list(): readonly number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function groupOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // pid (name) state parent group: the name may hold anything, so count from its closing bracket.
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : Number(group);
  } catch {
    return undefined; // it ended meanwhile
  }
}
