import type { Channel, ConsumeMessage } from "amqplib";

/**
 * Acknowledges the messages of one channel. Those that are settled in one turn, in the order in which they came and without
 * a gap, are one write.
 */
export class AckBatch {
  readonly #channel: Pick<Channel, "ack">;
  #waiting: ConsumeMessage[] = [];
  /** All up to this tag are acknowledged. */
  #upTo = 0;
  #isEnded = false;

  constructor(channel: Pick<Channel, "ack">) {
    this.#channel = channel;
  }

  add(message: ConsumeMessage): void {
    if (this.#isEnded) return; // the server gives it out again
    this.#waiting.push(message);
    if (this.#waiting.length === 1) process.nextTick(() => this.#flush());
  }

  /** The channel is gone, and with it the right to acknowledge. */
  end(): void {
    this.#isEnded = true;
    this.#waiting = [];
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    let run: ConsumeMessage | undefined;
    for (const message of waiting) {
      const tag = message.fields.deliveryTag;
      if (tag === this.#upTo + 1) {
        run = message;
        this.#upTo = tag;
      } else this.#write(message, false);
    }
    if (run !== undefined) this.#write(run, true);
  }

  #write(message: ConsumeMessage, multiple: boolean): void {
    try {
      this.#channel.ack(message, multiple);
    } catch {
      this.end(); // amqplib refuses before it says that the channel is closed
    }
  }
}
