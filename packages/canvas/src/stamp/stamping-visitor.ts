import type { WireSignature } from "@celeriac/core";
import type { Stamps } from "./stamps.js";

/**
 * Decides which stamps the parts of a workflow get. Every method is given the part and the stamps that it gets from around
 * it, and returns those to add; what is returned for a composite goes to all its parts.
 * @see Celery `StampingVisitor`.
 */
export interface StampingVisitor {
  /** A single task, callbacks included. */
  onSignature?(signature: WireSignature, stamps: Stamps): Stamps | undefined;
  onGroupStart?(group: WireSignature, stamps: Stamps): Stamps | undefined;
  onGroupEnd?(group: WireSignature, stamps: Stamps): void;
  onChainStart?(chain: WireSignature, stamps: Stamps): Stamps | undefined;
  onChainEnd?(chain: WireSignature, stamps: Stamps): void;
  /** Default: the header is a group from then on, and `onGroupStart` is asked. */
  onChordHeaderStart?(chord: WireSignature, stamps: Stamps): Stamps | undefined;
  /** Default: `onGroupEnd` is told. */
  onChordHeaderEnd?(chord: WireSignature, stamps: Stamps): void;
  /** Before the body is stamped like any other part. */
  onChordBody?(chord: WireSignature, stamps: Stamps): Stamps | undefined;
  /** Before a callback is stamped like any other part. */
  onCallback?(callback: WireSignature, stamps: Stamps): Stamps | undefined;
  /** Before an error callback is stamped like any other part. */
  onErrback?(errback: WireSignature, stamps: Stamps): Stamps | undefined;
}

export interface StampOptions {
  /** Values of stamps that are there already are kept, in a list. Default false: the value of what is around it wins. */
  readonly appendStamps?: boolean;
}
