import type { LogLevel } from "@celeriac/core";
import { InvalidArgumentError } from "commander";

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ["debug", "debug"],
  ["info", "info"],
  ["warning", "warn"],
  ["warn", "warn"],
  ["error", "error"],
  // Celery's two highest; nothing of ours is logged above error.
  ["critical", "error"],
  ["fatal", "error"],
]);

/** Levels as Celery names them. */
export const LOG_LEVELS: readonly string[] = ["debug", "info", "warning", "error", "critical"];

/** Any of Celery's level names, in any case. */
export function logLevel(text: string): LogLevel {
  const level = LEVELS.get(text.toLowerCase());
  if (level !== undefined) return level;
  throw new InvalidArgumentError(`It must be one of ${LOG_LEVELS.join(", ")}.`);
}
