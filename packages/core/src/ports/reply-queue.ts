import type { CallOptions } from "./call-options.js";

/**
 * Where results are sent, in stores that keep nothing anybody may look at: every result is a message to whoever sent the
 * task (`rpc://`). An app names it in `reply_to`, and sees to it that it is open before it sends. PROTOCOL 7.7.
 */
export interface ReplyQueue {
  /** `reply_to` of tasks whose results this backend is to hear of. The same for as long as the backend lives. */
  readonly address: string;
  /**
   * Resolves once results sent there are kept: what is sent before is lost. `undefined` when they are kept already, so that
   * nothing has to be awaited. @throws BackendError
   */
  open(options?: CallOptions): Promise<void> | undefined;
}
