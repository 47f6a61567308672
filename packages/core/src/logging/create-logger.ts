import type { LogFields, Logger } from "../ports/logger.js";

export type LogLevel = "debug" | "info" | "warn" | "error";

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };

/** One line to be written. */
export interface LogEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export interface LoggerOptions {
  /** Lines below it are dropped. Default `info`. */
  readonly level?: LogLevel;
  /** Where lines go, for example `jsonSink(process.stderr)`. */
  readonly sink: (entry: LogEntry) => void;
  readonly now?: () => number;
}

/** A logger over a sink. Any object with these methods will do in its place (an adapter over pino is five lines). */
export function createLogger(options: LoggerOptions, fields: LogFields = {}): Logger {
  const threshold = SEVERITY[options.level ?? "info"];
  const now = options.now ?? Date.now;
  const write = (level: LogLevel, own: LogFields, message: string): void => {
    if (SEVERITY[level] < threshold) return;
    options.sink({ at: now(), level, message, fields: { ...fields, ...own } });
  };
  return {
    debug: (own, message) => write("debug", own, message),
    info: (own, message) => write("info", own, message),
    warn: (own, message) => write("warn", own, message),
    error: (own, message) => write("error", own, message),
    child: (own) => createLogger(options, { ...fields, ...own }),
  };
}

/** Says nothing. */
export const silentLogger: Logger = createLogger({ sink: () => undefined });
