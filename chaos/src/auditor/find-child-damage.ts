import type { Fault } from "./fault.js";
import type { TaskHistory } from "./task-history.js";

/** What the kills of single children broke. RELIABILITY F3. */
export interface ChildDamage {
  readonly kills: number;
  /** Bodies cut short per kill; more than one would mean that a child ran two tasks. */
  readonly worst: number;
  /** Kills that hit a child at work. */
  readonly hits: number;
  /** Numbers of the faults that cost more than one task. */
  readonly excessive: readonly string[];
}

/** Counts bodies without an end in each killed child. */
export function findChildDamage(tasks: readonly TaskHistory[], faults: readonly Fault[]): ChildDamage {
  const kills = faults.filter((fault) => fault.what === "kill-child");
  const runs = tasks.flatMap((task) => task.attempts.flatMap((attempt) => attempt.runs));
  const damage = kills.map((fault) => ({
    fault,
    count: runs.filter(({ start, end }) => fault.pids.has(start.pid) && start.atMs <= fault.endMs && end === undefined)
      .length,
  }));
  return {
    kills: kills.length,
    worst: Math.max(0, ...damage.map(({ count }) => count)),
    hits: damage.filter(({ count }) => count > 0).length,
    excessive: damage
      .filter(({ count }) => count > 1)
      .map(({ fault, count }) => `fault ${fault.number}: ${count} tasks`),
  };
}
