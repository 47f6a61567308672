import type { LogEntry, Logger, LogLevel } from "@celeriac/core";
import { createLogger, jsonSink, prettySink } from "@celeriac/core";
import { createColors } from "picocolors";

/** How log lines are written, as JSON. */
export interface LogChoice {
  readonly level: LogLevel;
  readonly format: "pretty" | "json";
  readonly color: boolean;
}

/** A logger on standard error. */
export function chooseLogger({ level, format, color }: LogChoice): Logger {
  const colors = createColors(color);
  const paints: Readonly<Record<LogLevel, (text: string) => string>> = {
    debug: colors.dim,
    info: (text) => text,
    warn: colors.yellow,
    error: colors.red,
  };
  const paint = (text: string, entryLevel: LogEntry["level"]): string => paints[entryLevel](text);
  return createLogger({
    level,
    sink: format === "json" ? jsonSink(process.stderr) : prettySink(process.stderr, paint),
  });
}
