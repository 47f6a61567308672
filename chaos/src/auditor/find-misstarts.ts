import type { Fault } from "./fault.js";
import { faultsDuring } from "./fault.js";
import type { AttemptHistory, TaskHistory } from "./task-history.js";

/** Starts of attempts that nobody meant to publish, as `id#attempt`. */
export function findGhosts(tasks: readonly TaskHistory[]): readonly string[] {
  return tasks.flatMap((task) =>
    task.attempts
      .filter((attempt) => attempt.runs.length > 0 && attempt.intents.length === 0)
      .map((attempt) => `${task.id}#${attempt.attempt}`),
  );
}

/** Clocks of one machine, read in milliseconds. */
const ROUNDING_MS = 1;

/** Starts before the ETA that the publisher gave, as `id#attempt -ms`. */
export function findEarlyStarts(tasks: readonly TaskHistory[]): readonly string[] {
  return tasks.flatMap((task) =>
    task.attempts.flatMap((attempt) => {
      const etas = attempt.intents.flatMap((intent) => {
        const { eta } = intent.extra;
        return typeof eta === "string" ? [Date.parse(eta)] : [];
      });
      // A retry sent twice has two ETAs, and its runs cannot be told apart: the earlier one binds.
      const etaMs = Math.min(...etas);
      return attempt.runs
        .map((run) => Number(run.start.extra.wall) - etaMs)
        .filter((lateMs) => lateMs < -ROUNDING_MS && Number.isFinite(lateMs))
        .map((lateMs) => `${task.id}#${attempt.attempt} ${lateMs} ms`);
    }),
  );
}

/** After these RabbitMQ gives what a worker holds to somebody else. On Redis a message stays its worker's. */
const TAKES_BACK: ReadonlySet<string> = new Set(["close-connections", "consumer-timeout"]);

/**
 * Late acks: starts of a message that was in the worker's hands, not begun, when a fault took it back, and that had not come to
 * the same worker again. As `id#attempt boot`.
 */
export function findLostStarts(tasks: readonly TaskHistory[], faults: readonly Fault[]): readonly string[] {
  const takers = faults.filter(({ what }) => TAKES_BACK.has(what));
  if (takers.length === 0) return [];
  return tasks.flatMap((task) =>
    task.attempts.flatMap((attempt) =>
      lostStarts(attempt, takers).map((boot) => `${task.id}#${attempt.attempt} ${boot}`),
    ),
  );
}

function lostStarts(attempt: AttemptHistory, takers: readonly Fault[]): readonly string[] {
  return attempt.runs.flatMap(({ start }) => {
    const held = attempt.claims.findLast(({ claim }) => claim.boot === start.boot && claim.atMs <= start.atMs);
    if (held === undefined) return [];
    const between = faultsDuring(takers, start, held.claim.atMs, start.atMs);
    const isLost = between.some((fault) => fault.beginMs > held.claim.atMs && fault.endMs < start.atMs);
    return isLost ? [start.boot] : [];
  });
}
