import { CeleriacError } from "./celeriac-error.js";

/**
 * Why bytes from a broker or store could not be read. The code is also the reason in a dead-letter record.
 * `E_ENVELOPE` transport envelope, `E_BODY` body bytes or their JSON, `E_SHAPE` body is not `[args, kwargs, embed]`,
 * `E_HEADER` a header has a wrong type or range, `E_CONTENT_TYPE` not accepted, `E_COMPRESSION` unknown, corrupt or over
 * the cap, `E_PROTOCOL` neither protocol 1 nor 2, `E_NUMBER` a number that cannot be kept exactly, `E_ETA` beyond the
 * allowed horizon, `E_CANVAS` malformed callbacks, errbacks, chain or chord, `E_RESULT` a stored result.
 */
export type DecodeErrorCode =
  | "E_ENVELOPE"
  | "E_BODY"
  | "E_SHAPE"
  | "E_HEADER"
  | "E_CONTENT_TYPE"
  | "E_COMPRESSION"
  | "E_PROTOCOL"
  | "E_NUMBER"
  | "E_ETA"
  | "E_CANVAS"
  | "E_RESULT";

/** Bytes from outside that cannot be read. Never retryable: the same bytes fail again. */
export class DecodeError extends CeleriacError {
  declare readonly code: DecodeErrorCode;

  constructor(message: string, options: { readonly code: DecodeErrorCode; readonly cause?: unknown }) {
    super(message, options);
  }
}

/** A value of ours that the chosen serializer cannot carry. Named as kombu's, so Python sees its own class. */
export class EncodeError extends CeleriacError {
  static readonly pythonModule = "kombu.exceptions";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code: "ENCODE_FAILED", ...options });
  }
}
