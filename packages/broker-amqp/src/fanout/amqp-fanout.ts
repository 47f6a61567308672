/**
 * Copies to everybody who listens: control commands and events. Their queues go with their listener, and messages in them
 * live for a short time only; both as the queue that is handed in says. PROTOCOL 6.1, 9, 10.
 * @module
 */

import {
  type AmqpLink,
  type AmqpSession,
  closedError,
  decodeMessage,
  encodeMessage,
  type Publisher,
  type Topology,
} from "@celeriac/amqp-connection";
import { createDeferred, exponentialBackoff, startLoop, systemClock } from "@celeriac/core/lifecycle";
import type { CallOptions, Fanout, Queue } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { Intake } from "../consume/intake.js";
import type { AmqpQueueAdmin } from "../queues/amqp-queue-admin.js";

export interface FanoutOptions {
  readonly consuming: AmqpLink;
  readonly topology: Topology;
  readonly publishing: { readonly publisher: Publisher; readonly topology: Topology };
  readonly queues: AmqpQueueAdmin;
  readonly timeoutMs: number;
}

type OnMessage = (message: Message, routingKey: string) => void;

const RECONNECT = exponentialBackoff({ baseMs: 100, maxMs: 2000 });
/** An exchange nobody has declared is looked for again after this long. */
const ABSENT_FOR_MS = 1000;
const CLEANUP_MS = 1000;

export class AmqpFanout implements Fanout {
  readonly #options: FanoutOptions;
  readonly #listeners = new Set<Listener>();
  readonly #absentUntil = new Map<string, number>();

  constructor(options: FanoutOptions) {
    this.#options = options;
  }

  /** An exchange that is not there has no listeners: its type and durability are theirs to declare. */
  async broadcast(message: Message, exchange: string, routingKey: string, call: CallOptions = {}): Promise<void> {
    const { publisher, topology } = this.#options.publishing;
    if (this.#options.consuming.isClosed) throw closedError("broadcasting");
    call.signal?.throwIfAborted();
    const encoded = encodeMessage(message, false);
    if (!topology.isExchangeKnown(exchange)) {
      const nowMs = systemClock.monotonic();
      if ((this.#absentUntil.get(exchange) ?? 0) > nowMs) return;
      const timeoutMs = call.timeoutMs ?? this.#options.timeoutMs;
      if (!(await topology.hasExchange(exchange, { timeoutMs, signal: call.signal }))) {
        this.#absentUntil.set(exchange, nowMs + ABSENT_FOR_MS);
        return;
      }
    }
    this.#absentUntil.delete(exchange);
    await publisher.publish({ exchange, routingKey, encoded }, call);
  }

  async listen(queue: Queue, onMessage: OnMessage): Promise<AsyncDisposable> {
    if (this.#options.consuming.isClosed) throw closedError("listening");
    const listener = new Listener(this.#options, queue, onMessage, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    try {
      await listener.started;
    } catch (error) {
      await listener[Symbol.asyncDispose]();
      throw error;
    }
    this.#absentUntil.delete(queue.exchange.name);
    return listener;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener[Symbol.asyncDispose]()));
  }
}

/** Listens, and again after every loss. */
class Listener implements AsyncDisposable {
  readonly #options: FanoutOptions;
  readonly #queue: Queue;
  readonly #onMessage: OnMessage;
  readonly #onDispose: () => void;
  readonly #first = createDeferred<void>();
  readonly #loop: AsyncDisposable;
  #hasStarted = false;
  #disposing: Promise<void> | undefined;

  constructor(options: FanoutOptions, queue: Queue, onMessage: OnMessage, onDispose: () => void) {
    this.#options = options;
    this.#queue = queue;
    this.#onMessage = onMessage;
    this.#onDispose = onDispose;
    this.#loop = startLoop({
      step: (signal) => this.#listenOnce(signal),
      intervalMs: 0,
      backoff: RECONNECT,
      clock: systemClock,
      onError: (error) => this.#first.reject(error), // the first try is the caller's; later ones are repeated
    });
    this.#first.promise.catch(() => undefined); // whoever called `listen` hears of it
  }

  /** Resolves once the server has the subscription; rejects when the first try failed. */
  get started(): Promise<void> {
    return this.#first.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  async #dispose(): Promise<void> {
    this.#onDispose();
    await this.#loop[Symbol.asyncDispose]();
    if (!this.#hasStarted || this.#options.consuming.session === undefined) return; // it expires by itself
    await this.#options.queues.delete(this.#queue, { timeoutMs: CLEANUP_MS }).catch(() => undefined); // see above
  }

  /** Ends when the signal aborts, or with the reason for which the channel ended. */
  async #listenOnce(signal: AbortSignal): Promise<void> {
    const { consuming, topology, timeoutMs } = this.#options;
    const session = await consuming.connect("listening", { timeoutMs, signal });
    topology.forgetQueue(this.#queue); // it went with its last consumer
    await topology.declare(this.#queue, { timeoutMs, signal });
    const ended = createDeferred<void>();
    ended.promise.catch(() => undefined); // a channel that ends while it is being opened is reported by what opens it
    const intake = await this.#open(session, ended.reject);
    const stop = (): void => ended.resolve();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      await intake.setWindow(Number.POSITIVE_INFINITY);
      this.#hasStarted = true;
      this.#first.resolve();
      await ended.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      await intake.stop();
      await intake.close();
    }
  }

  async #open(session: AmqpSession, onEnd: (error: unknown) => void): Promise<Intake> {
    return new Intake({
      session,
      channel: await session.openChannel(),
      queues: [this.#queue],
      noAck: true,
      onMessage: ({ content, fields, properties }) => {
        if ("unreadable" in properties) return; // side channels carry no promise (RELIABILITY G22)
        try {
          this.#onMessage(decodeMessage(content, properties), fields.routingKey);
        } catch {
          // A hearer's own fault: it must neither end the channel nor the process, and the port has nobody to tell.
        }
      },
      onRoom: () => undefined,
      onNarrowed: () => undefined,
      onEnd,
    });
  }
}
