import type { RetryPlan } from "../errors/index.js";
import type { ResultTuple } from "../ports/result-backend.js";
import type { WireException } from "../protocol/result-meta.js";
import type { WireSignature } from "../protocol/wire-signature.js";

/**
 * How an attempt ended, as plain data: it crosses process borders unchanged, and everything after it (what to store,
 * send and acknowledge) is decided from it.
 */
export type Outcome =
  | {
      readonly kind: "success";
      /** JSON text of the return value, encoded once. */
      readonly result: string;
      readonly children: readonly ResultTuple[];
    }
  | {
      readonly kind: "failure";
      readonly exception: WireException;
      readonly traceback: string;
      readonly children: readonly ResultTuple[];
      /** The task declared this class as expected (`throws`): logged quietly. */
      readonly expected: boolean;
    }
  | {
      readonly kind: "retry";
      readonly plan: RetryPlan;
      /** The reason that is stored with the RETRY state. */
      readonly exception: WireException;
      readonly traceback: string;
      readonly children: readonly ResultTuple[];
    }
  | {
      readonly kind: "replace";
      /** What takes over. */
      readonly signature: WireSignature;
      readonly children: readonly ResultTuple[];
    }
  | { readonly kind: "ignore"; readonly reason: string }
  | { readonly kind: "reject"; readonly reason: string; readonly requeue: boolean };
