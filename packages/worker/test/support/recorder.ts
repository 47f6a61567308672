import type { LogEntry, Logger } from "@celeriac/core";
import { createLogger } from "@celeriac/core";

/** A logger that keeps its lines. */
export interface LogRecorder {
  readonly logger: Logger;
  readonly lines: LogEntry[];
  /** Lines of a level and above whose message contains `text`. */
  count(text: string): number;
}

export function recordLog(): LogRecorder {
  const lines: LogEntry[] = [];
  return {
    lines,
    logger: createLogger({ level: "debug", sink: (entry) => lines.push(entry) }),
    count: (text) => lines.filter(({ message }) => message.includes(text)).length,
  };
}
