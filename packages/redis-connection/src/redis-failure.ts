/**
 * Says what an error of ioredis or of the server means to a caller. `@see` RELIABILITY F10, G24.
 * @module
 */
import { BackendError, BrokerError, CeleriacError } from "@celeriac/core/errors";

/** Who the error is for; decides its class and the prefix of its code. */
export type RedisRole = "broker" | "backend";

/** `timeout`: no answer within the deadline. `refused`: the server answered no. `closed`: we closed the connection. */
export type RedisFailureKind = "unavailable" | "timeout" | "refused" | "auth" | "closed";

const AUTH = /\b(?:NOAUTH|WRONGPASS|NOPERM|AUTH failed|invalid password|invalid username-password)/i;
const REFUSED_FOR_NOW =
  /\b(?:OOM|MISCONF|READONLY|LOADING|BUSY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNKILLABLE|NOGOODSLAVE)\b/;

/** Whether the server says that it writes nothing here: a replica, after a failover. The connection must move on. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && error.message.includes("READONLY");
}

export function failureKind(error: unknown): RedisFailureKind {
  if (!(error instanceof Error)) return "unavailable";
  if (AUTH.test(error.message)) return "auth";
  return error.name === "ReplyError" ? "refused" : "unavailable";
}

const TLS_REFUSAL = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|HOSTNAME_)/;

/** Whether the two sides cannot agree on TLS: a certificate that is not trusted, expired or for another host. */
export function isTlsRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && TLS_REFUSAL.test(error.code);
}

/**
 * Turns any error into the typed one of the role. A `CeleriacError` passes through.
 * @param doing - What failed, for the message: `publishing 3 messages`.
 */
export function redisError(role: RedisRole, doing: string, error: unknown, place?: string): CeleriacError {
  if (error instanceof CeleriacError) return error;
  return describeFailure(role, failureKind(error), doing, error, place);
}

/**
 * Builds the error of a kind.
 * @param cause - Shown in the message when it is an error.
 * @param place - Which server: `host:port`.
 */
export function describeFailure(
  role: RedisRole,
  kind: RedisFailureKind,
  doing: string,
  cause?: unknown,
  place?: string,
): CeleriacError {
  const detail = cause instanceof Error ? ` ${cause.message}` : "";
  const refusedForNow = kind === "refused" && REFUSED_FOR_NOW.test(detail);
  const isRefusedByTls = isTlsRefusal(cause);
  const retryable = (kind === "unavailable" && !isRefusedByTls) || kind === "timeout" || refusedForNow;
  const hint = isRefusedByTls ? TLS_HINT : HINTS[kind];
  const stop = hint === "" || detail === "" || detail.endsWith(".") ? "" : ".";
  const where = place === undefined ? "Redis" : `Redis at ${place}`;
  const message = `${where} ${WORDS[kind]} while ${doing}.${detail}${stop}${hint}`;
  const options = { retryable, ...(cause === undefined ? {} : { cause }) };
  return role === "broker"
    ? new BrokerError(message, { code: BROKER_CODES[kind], ...options })
    : new BackendError(message, { code: BACKEND_CODES[kind], ...options });
}

const WORDS: Readonly<Record<RedisFailureKind, string>> = {
  unavailable: "is not reachable",
  timeout: "did not answer in time",
  refused: "refused",
  auth: "rejected the credentials",
  closed: "was closed on this side",
};

const HINTS: Readonly<Record<RedisFailureKind, string>> = {
  unavailable: "",
  timeout: "",
  refused: "",
  auth: " Check user, password and the permissions of the ACL user.",
  closed: " Create a new adapter to go on.",
};

const TLS_HINT = " Give the certificate of the authority as `tls: { ca }` or `ssl_ca_certs`, and the name it is for.";

const BROKER_CODES = {
  unavailable: "BROKER_UNAVAILABLE",
  timeout: "PUBLISH_TIMEOUT",
  refused: "BROKER_REFUSED",
  auth: "BROKER_AUTH",
  closed: "BROKER_CLOSED",
} as const;

const BACKEND_CODES = {
  unavailable: "BACKEND_UNAVAILABLE",
  timeout: "BACKEND_TIMEOUT",
  refused: "BACKEND_REFUSED",
  auth: "BACKEND_AUTH",
  closed: "BACKEND_CLOSED",
} as const;
