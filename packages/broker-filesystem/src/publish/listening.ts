import { systemClock } from "@celeriac/core/lifecycle";
import type { Delivery, Queue } from "@celeriac/core/ports";
import { decodeEnvelope, type Message } from "@celeriac/core/protocol";
import type { Claims } from "../claim/claims.js";
import { FolderConsumer } from "../consume/folder-consumer.js";
import type { Session } from "../session.js";

/** Hears broadcasts. */
export type Hearer = (message: Message, routingKey: string) => void;

/** Pause before the folder is tried again when it was away. */
const RETRY_MS = 1_000;

/** Reads the copies of one listener until it is disposed. */
export class Listening implements AsyncDisposable {
  readonly #session: Session;
  readonly #queue: Queue;
  readonly #claims: Claims;
  readonly #onMessage: Hearer;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  #consumer: FolderConsumer;

  constructor(session: Session, queue: Queue, claims: Claims, onMessage: Hearer) {
    this.#session = session;
    this.#queue = queue;
    this.#claims = claims;
    this.#onMessage = onMessage;
    this.#consumer = this.#consume();
    this.#reading = this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#consumer[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const batch of this.#consumer) for (const delivery of batch) this.#tell(delivery);
      } catch {
        await this.#consumer[Symbol.asyncDispose]();
        await systemClock.sleep(RETRY_MS, signal);
        if (!signal.aborted) this.#consumer = this.#consume();
      }
    }
  }

  /** Undecodable copies are dropped. */
  #tell(delivery: Delivery): void {
    const { message } = delivery;
    if (message === undefined || this.#stop.signal.aborted) return;
    const { routingKey } = decodeEnvelope(delivery.raw());
    try {
      this.#onMessage(message, routingKey);
    } catch {
      // A hearer's own fault: it must neither stop the reading nor end the process, and the port has nobody to tell.
    }
  }

  #consume(): FolderConsumer {
    const { feed, settings } = this.#session;
    const context = {
      feed,
      claims: this.#claims,
      partialGraceMs: settings.partialGraceMs,
      onClosed: async () => undefined,
    };
    return new FolderConsumer(context, { queues: [this.#queue], prefetch: Number.POSITIVE_INFINITY, noAck: true });
  }
}
