/**
 * Puts messages into lists.
 *
 * Invariants: (1) a publish resolves only after the server has answered its LPUSH. (2) Nothing is written after its
 * caller was told that it failed. (3) Nothing is sent twice: a retry is the caller's. RELIABILITY G1.
 * @module
 */
import { randomUUID } from "node:crypto";
import type { BatchItem } from "@celeriac/core/lifecycle";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { encodeEnvelope } from "@celeriac/core/protocol";
import type { RedisConnection } from "@celeriac/redis-connection";
import { createEagerBatch } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import type { Bindings } from "./bindings.js";
import { PublishPlan, unconfirmed } from "./publish-plan.js";
import { queuesOfRoute, unroutable } from "./route-queues.js";

/** One encoded message on its way. */
export interface Outgoing {
  readonly text: string;
  readonly priority: unknown;
  readonly route: Route;
  readonly signal: AbortSignal | undefined;
  /** It is on its way to the server: a failure leaves open whether it is stored. */
  isWritten: boolean;
  /** Its caller was told that it failed. */
  isGivenUp: boolean;
}

type Item = BatchItem<Outgoing, void>;

export interface PublisherOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly bindings: Bindings;
  readonly timeoutMs: number;
}

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #enqueue: (outgoing: Outgoing) => Promise<void>;
  /** Queues whose binding this connection has written. */
  readonly #declared = new Set<string>();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#enqueue = createEagerBatch((items) => this.#flush(items, options.timeoutMs), {
      // Looking up bindings takes its time; a message that needs none must not overtake one of the same turn that does.
      mayGoAhead: ({ route }) => route.exchange === "" && options.connection.ready,
    });
    // The server may come back empty: whatever was declared is declared again.
    options.connection.onLost(() => this.#declared.clear());
  }

  publish(message: Message, route: Route, options: CallOptions = {}): Promise<void> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    let outgoing: Outgoing;
    try {
      const { priority } = message.properties;
      outgoing = { text: encode(message, route), priority, route, signal, isWritten: false, isGivenUp: false };
    } catch (error) {
      return Promise.reject(error);
    }
    const limit = this.#options.timeoutMs;
    if (timeoutMs !== undefined && timeoutMs > limit) return this.#publishAlone(outgoing, timeoutMs);
    const work = this.#enqueue(outgoing);
    if (signal === undefined && (timeoutMs === undefined || timeoutMs === limit)) return work; // the batch has this deadline
    return withDeadline(work, { timeoutMs: timeoutMs ?? limit * 2, signal }, () => {
      outgoing.isGivenUp = true;
      return this.#timeoutOf(1, outgoing.isWritten);
    });
  }

  #publishAlone(outgoing: Outgoing, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#flush([{ value: outgoing, resolve, reject }], timeoutMs).catch(reject);
    });
  }

  async #flush(items: readonly Item[], timeoutMs: number): Promise<void> {
    const batch = { isWritten: false, isGivenUp: false };
    await withDeadline(this.#write(items, batch, timeoutMs), { timeoutMs }, () => {
      batch.isGivenUp = true;
      return this.#timeoutOf(items.length, batch.isWritten);
    });
  }

  async #write(
    items: readonly Item[],
    batch: { isWritten: boolean; readonly isGivenUp: boolean },
    timeoutMs: number,
  ): Promise<void> {
    const { connection, keys, bindings } = this.#options;
    if (!connection.ready) await connection.whenReady(timeoutMs, `publishing ${count(items.length)}`);
    const [only] = items;
    if (only !== undefined && items.length === 1 && this.#goesStraight(only)) {
      if (batch.isGivenUp) return; // as below
      batch.isWritten = true;
      await this.#pushAlone(only);
      return;
    }
    const queues = new Map<Item, readonly string[]>();
    for (const item of items) {
      const { exchange, exchangeType } = item.value.route;
      if (exchange !== "" && exchangeType !== "fanout")
        queues.set(item, await queuesOfRoute(bindings, item.value.route));
    }
    if (batch.isGivenUp) return; // the callers have been told; writing now would break invariant 2
    const plan = new PublishPlan(keys);
    for (const item of items) this.#place(plan, item, queues.get(item) ?? [item.value.route.routingKey]);
    batch.isWritten = true;
    const declared = await plan.run(connection);
    if (!declared) this.#declared.clear();
  }

  /** Whether a message is one command: it is wanted still, and its queue is named and needs no declaration. */
  #goesStraight({ value: { route, signal, isGivenUp } }: Item): boolean {
    if (route.exchange !== "" || route.exchangeType === "fanout" || isGivenUp || signal?.aborted === true) return false;
    return route.queue === undefined || this.#declared.has(route.queue.name);
  }

  /** What a plan of one message comes to, without the plan: nothing but one message is what most writes carry. */
  async #pushAlone(item: Item): Promise<void> {
    const { connection, keys } = this.#options;
    const { route, priority, text } = item.value;
    item.value.isWritten = true;
    try {
      await connection.send("lpush", [keys.list(route.routingKey, priority), text]);
    } catch (error) {
      item.reject(unconfirmed(error));
      return;
    }
    item.resolve();
  }

  #place(plan: PublishPlan, item: Item, queues: readonly string[]): void {
    const { route, signal, isGivenUp } = item.value;
    if (isGivenUp) return;
    if (signal?.aborted === true) {
      item.reject(signal.reason);
      return;
    }
    item.value.isWritten = true;
    if (route.exchangeType === "fanout") plan.broadcast(item);
    else if (queues.length > 0) plan.push(item, queues);
    else item.reject(unroutable(route));
    this.#declare(plan, item);
  }

  #declare(plan: PublishPlan, item: Item): void {
    const { queue } = item.value.route;
    if (queue === undefined || this.#declared.has(queue.name)) return;
    this.#declared.add(queue.name);
    plan.declare(this.#options.bindings.declareCommands(queue));
  }

  #timeoutOf(messages: number, isWritten: boolean): Error {
    return this.#options.connection.failure(isWritten ? "timeout" : "unavailable", `publishing ${count(messages)}`);
  }
}

function encode(message: Message, route: Route): string {
  return encodeEnvelope(message, {
    exchange: route.exchange,
    routingKey: route.routingKey,
    deliveryTag: randomUUID(),
  });
}

function count(messages: number): string {
  return messages === 1 ? "a message" : `${messages} messages`;
}
