import { BackendError, type BackendErrorCode, BrokerError, type BrokerErrorCode } from "@celeriac/core/errors";

/** What an error of the connection means to somebody who asked for a result. */
const CODES: Readonly<Record<BrokerErrorCode, BackendErrorCode>> = {
  BROKER_UNAVAILABLE: "BACKEND_UNAVAILABLE",
  PUBLISH_TIMEOUT: "BACKEND_TIMEOUT",
  PUBLISH_UNCONFIRMED: "BACKEND_UNAVAILABLE",
  BROKER_REFUSED: "BACKEND_REFUSED",
  BROKER_AUTH: "BACKEND_AUTH",
  BROKER_CLOSED: "BACKEND_CLOSED",
  LEASE_LOST: "BACKEND_UNAVAILABLE",
  UNROUTABLE: "BACKEND_REFUSED",
};

/** The same error as one of a result backend; what is none of the connection's stays as it is. */
export function backendFailure(error: unknown): unknown {
  if (!(error instanceof BrokerError)) return error;
  return new BackendError(error.message, { code: CODES[error.code], retryable: error.retryable, cause: error });
}

/** The error of a call on a backend that was closed. */
export function closedFailure(doing: string): BackendError {
  return new BackendError(`The result backend was closed on this side while ${doing}. Create a new one to go on.`, {
    code: "BACKEND_CLOSED",
  });
}
