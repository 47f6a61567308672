import type { TaskHistory } from "./task-history.js";

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
