export type { LogEntry, LoggerOptions, LogLevel } from "./create-logger.js";
export { createLogger, silentLogger } from "./create-logger.js";
export type { TextOutput } from "./sinks.js";
export { jsonSink, prettySink } from "./sinks.js";
