/**
 * The queue that replies to one request come to. It lives from before the request is sent until the wait is over, and
 * takes its binding with it: a binding left behind would be one more address for every later reply of every node.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { Consumer, Delivery, Queue, ReplyAddress } from "@celeriac/core";
import { decodeControlReply } from "@celeriac/core";
import type { ControlApp, LogicalClock } from "./broadcast.js";

export interface CollectOptions {
  readonly timeoutMs: number;
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

/** An open reply queue. */
export interface Replies extends AsyncDisposable {
  readonly address: ReplyAddress;
  /** Resolves with what came, by node name, after the timeout or as soon as `limit` replies are there. */
  collect(options: CollectOptions): Promise<ReadonlyMap<string, unknown>>;
}

/** Declares the queue with its binding and starts consuming. @throws BrokerError */
export async function openReplies(
  app: ControlApp,
  context: { readonly ticket: string; readonly clock: LogicalClock },
): Promise<Replies> {
  const requester = randomUUID();
  const queue = replyQueue(app, requester);
  const timeoutMs = 1000 * app.settings.publishTimeout;
  const consumer = await consumeReplies(app, queue, timeoutMs);
  return {
    address: { exchange: queue.exchange.name, routingKey: requester },
    collect: (options) => collect(app, consumer, context, options),
    async [Symbol.asyncDispose](): Promise<void> {
      await consumer[Symbol.asyncDispose]();
      await removeQueue(app, queue);
    },
  };
}

/** `<requester>.reply.celery.pidbox`. @see PROTOCOL 6.1. */
function replyQueue(app: ControlApp, requester: string): Queue {
  const exchange = `reply.${app.settings.controlExchange}.pidbox`;
  return {
    name: `${requester}.${exchange}`,
    exchange: { name: exchange, type: "direct", durable: false },
    routingKey: requester,
    durable: false,
    autoDelete: true,
    expiresMs: 1000 * app.settings.controlQueueExpires,
    messageTtlMs: 1000 * app.settings.controlQueueTtl,
  };
}

async function consumeReplies(app: ControlApp, queue: Queue, timeoutMs: number): Promise<Consumer> {
  await app.broker.queues.declare(queue, { timeoutMs });
  try {
    const subscription = { queues: [queue], prefetch: Number.POSITIVE_INFINITY, noAck: true };
    return await app.broker.consume(subscription, { timeoutMs });
  } catch (error) {
    await removeQueue(app, queue);
    throw error;
  }
}

async function removeQueue(app: ControlApp, queue: Queue): Promise<void> {
  try {
    await app.broker.queues.delete(queue, { timeoutMs: 1000 });
  } catch (error) {
    app.logger.debug(
      { queue: queue.name, error: String(error) },
      "a reply queue was left behind; it expires by itself",
    );
  }
}

async function collect(
  app: ControlApp,
  consumer: Consumer,
  context: { readonly ticket: string; readonly clock: LogicalClock },
  { timeoutMs, limit, signal }: CollectOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const replies = new Map<string, unknown>();
  const done = new AbortController();
  const enough = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  const ending = app.clock.sleep(timeoutMs, enough).then(() => consumer[Symbol.asyncDispose]());
  try {
    let count = 0;
    for await (const batch of consumer) {
      for (const delivery of batch) count += merge(app, replies, delivery, context);
      if (count >= limit) break;
    }
  } finally {
    done.abort();
    await ending;
  }
  signal?.throwIfAborted();
  return replies;
}

/** Adds one reply message; anything else that came to the queue is no business of ours. @returns How many replies. */
function merge(
  app: ControlApp,
  replies: Map<string, unknown>,
  delivery: Delivery,
  { ticket, clock }: { readonly ticket: string; readonly clock: LogicalClock },
): number {
  if (delivery.message === undefined) return 0;
  try {
    const reply = decodeControlReply(delivery.message, { namespace: app.settings.controlExchange });
    if (reply.ticket !== ticket) return 0;
    clock.observe(reply.clock);
    for (const [node, answer] of reply.replies) {
      if (replies.has(node)) warnOfDuplicate(app, node);
      replies.set(node, answer);
    }
    return 1;
  } catch (error) {
    app.logger.warn({ error: error instanceof Error ? error.message : String(error) }, "a control reply was ignored");
    return 0;
  }
}

function warnOfDuplicate(app: ControlApp, node: string): void {
  app.logger.warn(
    { node },
    "two workers answer to the same node name, so only one of them is shown; start each with its own name (-n w1@%h)",
  );
}
