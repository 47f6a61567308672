import { EventEmitter } from "node:events";
import type { ConsumeMessage } from "amqplib";

/** The side of a channel that consuming uses; the server behind it pushes what the test says. */
export class FakeChannel extends EventEmitter {
  readonly written: string[] = [];
  readonly receivers = new Map<string, (message: ConsumeMessage) => void>();
  #tags = 0;

  async prefetch(): Promise<void> {}

  async consume(queue: string, receive: (message: ConsumeMessage) => void): Promise<{ consumerTag: string }> {
    this.written.push(`consume ${queue}`);
    this.receivers.set(queue, receive);
    return { consumerTag: queue };
  }

  async cancel(queue: string): Promise<void> {
    this.written.push(`cancel ${queue}`);
  }

  async close(): Promise<void> {
    this.emit("close");
  }

  ack({ fields }: ConsumeMessage): void {
    this.written.push(`ack ${fields.deliveryTag}`);
  }

  nack({ fields }: ConsumeMessage): void {
    this.written.push(`return ${fields.deliveryTag}`);
  }

  push(queue: string, headers: Readonly<Record<string, unknown>> = {}, redelivered = false): void {
    this.#tags += 1;
    const fields = { deliveryTag: this.#tags, redelivered, exchange: "", routingKey: queue, consumerTag: queue };
    const properties = { headers: { id: `m${this.#tags}`, ...headers } };
    const message = { fields, properties, content: Buffer.from("[]") };
    this.receivers.get(queue)?.(message as unknown as ConsumeMessage); // all that is read of it
  }
}
