import { readdirSync, readFileSync } from "node:fs";

/** Processes of a group, as /proc shows them; only the leader where there is no /proc. */
export function groupMembers(group: number): readonly number[] {
  const members = list().filter((pid) => groupOf(pid) === group);
  return members.length === 0 ? [group] : members;
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
