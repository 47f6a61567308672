import { BrokerError } from "@celeriac/core/errors";
import type { CallOptions } from "@celeriac/core/ports";

/** Lets calls through while the broker is open. Deadlines cannot pass: nothing here waits for anything. */
export class OpenGate {
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** @throws BrokerError `BROKER_CLOSED`, or the reason of an aborted signal. */
  pass(options: CallOptions | undefined): void {
    if (this.#closed) throw new BrokerError("This memory broker has been closed.", { code: "BROKER_CLOSED" });
    options?.signal?.throwIfAborted();
  }
}
