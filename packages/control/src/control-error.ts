import { CeleriacError } from "@celeriac/core";

/**
 * `CONTROL_UNSUPPORTED`: the broker has no fanout, so nobody could hear the request.
 * `CONTROL_OPTIONS`: options that contradict each other.
 */
export type ControlErrorCode = "CONTROL_UNSUPPORTED" | "CONTROL_OPTIONS";

/** A remote control request that cannot be made. */
export class ControlError extends CeleriacError {
  declare readonly code: ControlErrorCode;

  constructor(message: string, options: { readonly code: ControlErrorCode; readonly cause?: unknown }) {
    super(message, options);
  }
}
