import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, Fanout, Queue, QueueAdmin } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { decodeEnvelope } from "@celeriac/core/protocol";
import type { RedisSubscriber } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import type { Publisher } from "../publish/publisher.js";

export interface FanoutOptions {
  readonly keys: KeyLayout;
  readonly publisher: Publisher;
  readonly queues: QueueAdmin;
  /** Opened on first use, shared by all listeners. */
  readonly subscriber: () => RedisSubscriber;
  readonly timeoutMs: number;
}

/** Fanout exchanges are channels; one that hears of several keys is a pattern. PROTOCOL 5.4. */
export function createRedisFanout(options: FanoutOptions): Fanout {
  const { keys, publisher, queues, subscriber, timeoutMs } = options;
  return {
    broadcast: (message: Message, exchange: string, routingKey: string, call?: CallOptions) =>
      publisher.publish(message, { exchange, routingKey, exchangeType: "fanout" }, call),
    async listen(queue: Queue, onMessage: (message: Message, routingKey: string) => void): Promise<AsyncDisposable> {
      await queues.declare(queue); // inspectors and Python look listeners up by their binding
      const pattern = keys.channel(queue.exchange.name, queue.routingKey.replaceAll("#", "*"));
      const subscription = await subscriber().listen(
        "pattern",
        pattern,
        {
          onMessage: (channel, text) => {
            const message = decode(text);
            if (message === undefined) return;
            try {
              onMessage(message, keys.splitChannel(channel).routingKey);
            } catch {
              // A hearer's own fault: it must neither keep the message from others nor end the process, and the port has
              // nobody to tell.
            }
          },
        },
        timeoutMs,
      );
      return {
        async [Symbol.asyncDispose](): Promise<void> {
          await subscription[Symbol.asyncDispose]();
          // Best effort: a server that is gone has forgotten us, and a stale binding reaches nobody.
          await withDeadline(queues.delete(queue), { timeoutMs: 1000 }, () => new Error("too late")).catch(
            () => undefined,
          );
        },
      };
    },
  };
}

/** `undefined` for anything that is no message: side channels carry no promise (RELIABILITY G22). */
function decode(text: string): Message | undefined {
  try {
    return decodeEnvelope(text).message;
  } catch {
    return undefined;
  }
}
