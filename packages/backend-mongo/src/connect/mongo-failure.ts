/**
 * Says what an error of the driver or of the server means to a caller. RELIABILITY G24, F19.
 * @module
 */
import { BackendError, CeleriacError, ConfigError } from "@celeriac/core/errors";

/**
 * `lost`: the connection went, or no server takes this now. `conflict`: another write was in the way. `full`: it cannot
 * write now. `refused`: the same again is refused again. `misused`: the driver does not take what it was given.
 */
export type MongoFailureKind = "lost" | "conflict" | "full" | "refused" | "misused" | "auth" | "timeout" | "closed";

/** Whether the same call may be made again at once: nothing of it has been done, or doing it twice changes nothing. */
export function mayRepeat(kind: MongoFailureKind): boolean {
  return kind === "lost" || kind === "conflict";
}

/** Another document has this `_id`. */
export const DUPLICATE_KEY = 11000;

/** @param error - Of the driver, the server or the operating system. */
export function failureKind(error: unknown): MongoFailureKind {
  const { code, name, message, labels } = factsOf(error);
  const known = KINDS.find(([, codes]) => code !== undefined && codes.has(code));
  if (known !== undefined) return known[0];
  if (INCOMPATIBLE.test(message)) return "refused";
  if (labels.has("RetryableWriteError") || LOST_NAMES.has(name)) return "lost";
  return name === "MongoParseError" || name === "MongoInvalidArgumentError" ? "misused" : "refused";
}

/** Whether the server does not know what it was asked for, rather than failing at it. */
export function isUnsupported(error: unknown): boolean {
  const { code } = factsOf(error);
  return code !== undefined && UNSUPPORTED.has(code);
}

/**
 * Turns any error into the typed one. A `CeleriacError` passes through.
 * @param doing - What failed, for the message: `storing 3 results`.
 * @param place - Which server, without credentials.
 */
export function describeFailure(kind: MongoFailureKind, doing: string, place: string, cause?: unknown): CeleriacError {
  if (cause instanceof CeleriacError) return cause;
  const { code, message } = factsOf(cause);
  if (kind === "misused") return new ConfigError([{ key: "result_backend", message: `${message}.` }]);
  const reason = cause === undefined ? "" : ` ${message}`;
  const stop = reason === "" || reason.endsWith(".") ? "" : ".";
  const advice = kind === "auth" ? AUTH_ADVICE : adviceOf(code, message);
  return new BackendError(`${place} ${WORDS[kind]} while ${doing}.${reason}${stop}${advice}`, {
    code: CODES[kind],
    retryable: kind !== "refused" && kind !== "auth" && kind !== "closed",
    ...(cause === undefined ? {} : { cause }),
  });
}

const WORDS: Readonly<Record<Exclude<MongoFailureKind, "misused">, string>> = {
  lost: "is not reachable",
  conflict: "could not finish, as others write the same documents,",
  full: "cannot write now",
  refused: "refused",
  auth: "rejected the credentials, or they do not allow it,",
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

/** By the server's error code; the lists of the lost ones are those after which a driver may try again. */
const KINDS: readonly (readonly [MongoFailureKind, ReadonlySet<number>])[] = [
  ["lost", new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436])],
  ["conflict", new Set([112, 11000])],
  ["full", new Set([64, 100, 146, 14031, 39])],
  ["auth", new Set([11, 13, 18, 8000])],
  ["timeout", new Set([50])],
];

const LOST_NAMES: ReadonlySet<string> = new Set([
  ...["MongoServerSelectionError", "MongoNetworkError", "MongoNetworkTimeoutError", "MongoNotConnectedError"],
  ...["MongoTopologyClosedError", "MongoPoolClearedError", "MongoPoolClosedError", "MongoWaitQueueTimeoutError"],
  ...["MongoExpiredSessionError", "PoolClearedOnNetworkError", "MongoUnexpectedServerResponseError"],
]);

/** Not implemented, no such command, unknown stage, unknown option, no change streams outside a replica set. */
const UNSUPPORTED: ReadonlySet<number> = new Set([2, 59, 67, 72, 115, 197, 238, 40324, 40415, 40573]);

const INCOMPATIBLE = /reports (?:maximum|minimum) wire version/;
const AUTH_ADVICE = " Check user, password, `authSource` and the roles of the user.";

/** `BSONObjectTooLarge`, and the update that would make one. */
const TOO_LARGE = " MongoDB holds documents of 16 MB at most: keep the value elsewhere, and return where it is.";
const TOO_LARGE_CODES: ReadonlySet<number> = new Set([10334, 17419, 17420]);
/** How the driver puts it, which has a buffer of that size. */
const TOO_LARGE_WORDS = /"offset" is out of range|larger than the maximum size/;

function adviceOf(code: number | undefined, message: string): string {
  if (INCOMPATIBLE.test(message)) return " Use MongoDB 4.2 or later, or an older version of the package mongodb.";
  const isTooLarge = (code !== undefined && TOO_LARGE_CODES.has(code)) || TOO_LARGE_WORDS.test(message);
  return isTooLarge ? TOO_LARGE : "";
}

interface ErrorFacts {
  readonly code: number | undefined;
  readonly name: string;
  readonly message: string;
  readonly labels: ReadonlySet<string>;
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { code: undefined, name: "", message: String(error), labels: new Set() };
  // What kept a bulk write from being carried out at all is dressed as an answer of the server.
  if ("errorResponse" in error && error.errorResponse instanceof Error) return factsOf(error.errorResponse);
  const code = "code" in error && typeof error.code === "number" ? error.code : undefined;
  const labels: unknown = "errorLabels" in error ? error.errorLabels : [];
  return {
    code,
    name: error.name,
    message: error.message,
    labels: new Set(Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : []),
  };
}
