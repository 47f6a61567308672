/**
 * Says what an error of a driver or of the database means to a caller. RELIABILITY G24, F19.
 * @module
 */
import { BackendError, CeleriacError } from "@celeriac/core/errors";

/**
 * `lost`: the connection went, or the database is away or not ready yet. `conflict`: another transaction was in the way.
 * `full`: it cannot write now. `refused`: the same again is refused again.
 */
export type SqlFailureKind = "lost" | "conflict" | "full" | "refused" | "auth" | "timeout" | "closed";

/** Whether the same call may be made again at once: nothing of it has been done, or doing it twice changes nothing. */
export function mayRepeat(kind: SqlFailureKind): boolean {
  return kind === "lost" || kind === "conflict";
}

/** @param error - Of typeorm, of a driver or of the operating system. */
export function failureKind(error: unknown): SqlFailureKind {
  const { code, message } = factsOf(error);
  const known = KINDS.find(([, codes]) => has(error, codes));
  if (known !== undefined) return known[0];
  const state = POSTGRES_CLASSES[/^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : ""];
  if (state !== undefined) return state;
  return LOST_WORDS.test(message) ? "lost" : "refused";
}

/**
 * Turns any error into the typed one. A `CeleriacError` passes through.
 * @param doing - What failed, for the message: `storing 3 results`.
 * @param place - Which database, without credentials.
 */
export function describeFailure(kind: SqlFailureKind, doing: string, place: string, cause?: unknown): CeleriacError {
  if (cause instanceof CeleriacError) return cause;
  const reason = cause === undefined ? "" : ` ${factsOf(cause).message}`;
  const stop = reason === "" || reason.endsWith(".") ? "" : ".";
  const hint = kind === "auth" ? authAdvice(reason) : (ADVICE.get(factsOf(cause).code) ?? "");
  return new BackendError(`${place} ${WORDS[kind]} while ${doing}.${reason}${stop}${hint}`, {
    code: CODES[kind],
    retryable: kind !== "refused" && kind !== "auth" && kind !== "closed",
    ...(cause === undefined ? {} : { cause: innermost(cause) }),
  });
}

/** What the database or the driver said, without a full stop. */
export function failureReason(error: unknown): string {
  return factsOf(error).message.replace(/\.$/, "");
}

/** Whether somebody else was using a table for longer than the statement was to wait. */
export function isBlocked(error: unknown): boolean {
  return has(error, BLOCKED);
}

/** Whether we have no right to the statement. */
export function isForbidden(error: unknown): boolean {
  return has(error, FORBIDDEN);
}

/** Whether the database takes no writes, as a replica does not. */
export function isReadOnly(error: unknown): boolean {
  return has(error, READ_ONLY);
}

const BLOCKED: ReadonlySet<string> = new Set(["55P03", "1205"]);
const FORBIDDEN: ReadonlySet<string> = new Set(["42501", "1044", "1142", "1227"]);
const READ_ONLY: ReadonlySet<string> = new Set(["25006", "1290", "1792", "1836", "SQLITE_READONLY"]);

function has(error: unknown, codes: ReadonlySet<string>): boolean {
  const { code, errno } = factsOf(error);
  return codes.has(code) || codes.has(String(errno));
}

function authAdvice(reason: string): string {
  // Before PostgreSQL 12 it said "SSL off".
  if (!/no pg_hba\.conf entry.*(?:no encryption|SSL off)/.test(reason)) return " Check user, password and database.";
  return " It may want TLS: put sslmode=require, or better verify-full with sslrootcert, behind the URL.";
}

const WORDS: Readonly<Record<SqlFailureKind, string>> = {
  lost: "is not reachable",
  conflict: "could not finish, as others write the same rows,",
  full: "cannot write now",
  refused: "refused",
  auth: "rejected the credentials",
  timeout: "did not answer in time",
  closed: "was closed on this side",
};

const CODES = {
  lost: "BACKEND_UNAVAILABLE",
  conflict: "BACKEND_UNAVAILABLE",
  full: "BACKEND_REFUSED",
  refused: "BACKEND_REFUSED",
  auth: "BACKEND_AUTH",
  timeout: "BACKEND_TIMEOUT",
  closed: "BACKEND_CLOSED",
} as const;

/** By SQLSTATE, MySQL's error number, or the name that SQLite, a driver or the system uses. */
const KINDS: readonly (readonly [SqlFailureKind, ReadonlySet<string>])[] = [
  [
    "lost",
    new Set([
      ...["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EPIPE", "EHOSTUNREACH", "ENETUNREACH"],
      ...["ENOENT", "EADDRNOTAVAIL", "PROTOCOL_CONNECTION_LOST", "PROTOCOL_SEQUENCE_TIMEOUT"],
      ...["57P01", "57P02", "57P03", "53300", "1040", "1053", "1129", "1203", "1226", "1927", "4031"],
    ]),
  ],
  ["conflict", new Set(["40001", "40P01", "55P03", "1205", "1213", "1020", "SQLITE_BUSY", "SQLITE_LOCKED"])],
  [
    "full",
    new Set([
      ...["53000", "53100", "53200", "25006", "1021", "1114", "1290", "1836", "1792"],
      ...["SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_NOMEM"],
    ]),
  ],
  ["auth", new Set(["28000", "28P01", "1044", "1045", "1698", "1251"])],
  ["timeout", new Set(["57014", "1969", "3024"])],
];

const POSTGRES_CLASSES: Readonly<Partial<Record<string, SqlFailureKind>>> = {
  "08": "lost",
  "53": "full",
  "58": "full",
};

const LOST_WORDS =
  /connection terminated|timeout exceeded when trying to connect|connection is closed|closed state|client has encountered a connection error|server closed the connection|can't add new command|starting up|shutting down/i;

const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    "ER_DATA_TOO_LONG",
    " A table that Celery made keeps 64 KB here: ALTER TABLE ... MODIFY result LONGBLOB, MODIFY traceback LONGTEXT.",
  ],
  ["ER_NET_PACKET_TOO_LARGE", " Raise max_allowed_packet on the server."],
  ["42P01", " Let `createTables` create it, or run createResultTables()."],
  ["ER_NO_SUCH_TABLE", " Let `createTables` create it, or run createResultTables()."],
]);

interface ErrorFacts {
  readonly code: string;
  readonly errno: number | undefined;
  readonly message: string;
}

/** Without typeorm's wrapping, which has all values of the statement with it; of several attempts to connect, the first. */
function innermost(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ("driverError" in error && error.driverError instanceof Error) return innermost(error.driverError);
  return error instanceof AggregateError && error.errors[0] instanceof Error ? innermost(error.errors[0]) : error;
}

function factsOf(failure: unknown): ErrorFacts {
  const error = innermost(failure);
  if (!(error instanceof Error)) return { code: "", errno: undefined, message: String(error) };
  return {
    code: "code" in error && typeof error.code === "string" ? plainCode(error.code) : "",
    errno: "errno" in error && typeof error.errno === "number" ? error.errno : undefined,
    message: error.message,
  };
}

/** `SQLITE_BUSY_SNAPSHOT` is a `SQLITE_BUSY`. */
function plainCode(code: string): string {
  return /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code;
}
