/** Fields of a log line; values are shown as JSON. Secrets never go in. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The five levels Celeriac logs at. Message last, so that the fields read first: `log.info({ url }, "fetching")`. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}
