import { CeleriacError } from "./celeriac-error.js";

/**
 * What went wrong between us and a broker.
 * `BROKER_UNAVAILABLE`: no connection, retryable. `PUBLISH_TIMEOUT`: no answer within the deadline, the message may or
 * may not be stored, retryable with the same id. `PUBLISH_UNCONFIRMED`: in doubt too, since
 * the connection dropped before the answer. `BROKER_REFUSED`: the broker answered no (out of memory, read-only
 * replica, wrong type), retryable as it says. `BROKER_AUTH`: credentials refused. `BROKER_CLOSED`: used after close.
 * `LEASE_LOST`: the visibility timeout of a delivery passed and another worker may have it. `UNROUTABLE`: no queue is
 * bound for the exchange and routing key.
 */
export type BrokerErrorCode =
  | "BROKER_UNAVAILABLE"
  | "PUBLISH_TIMEOUT"
  | "PUBLISH_UNCONFIRMED"
  | "BROKER_REFUSED"
  | "BROKER_AUTH"
  | "BROKER_CLOSED"
  | "LEASE_LOST"
  | "UNROUTABLE";

/** A broker could not do what was asked. */
export class BrokerError extends CeleriacError {
  declare readonly code: BrokerErrorCode;

  constructor(
    message: string,
    options: { readonly code: BrokerErrorCode; readonly retryable?: boolean; readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** `BACKEND_UNAVAILABLE` and `BACKEND_TIMEOUT` are retryable; `BACKEND_MISSING`: the app has no result backend. */
export type BackendErrorCode =
  | "BACKEND_UNAVAILABLE"
  | "BACKEND_TIMEOUT"
  | "BACKEND_REFUSED"
  | "BACKEND_AUTH"
  | "BACKEND_CLOSED"
  | "BACKEND_MISSING";

/** A result backend could not do what was asked. */
export class BackendError extends CeleriacError {
  declare readonly code: BackendErrorCode;

  constructor(
    message: string,
    options: { readonly code: BackendErrorCode; readonly retryable?: boolean; readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
