/**
 * Many listeners on one subscribed connection.
 *
 * Invariants: (1) `listen` resolves only after the server has the subscription. (2) After a reconnect everything is
 * subscribed again before `onResumed` is called, so what it reads then misses nothing. (3) The server holds a
 * subscription while somebody listens, and at most a moment longer (RELIABILITY G12).
 * @module
 */
import type { BatchItem } from "@celeriac/core/lifecycle";
import type { Redis } from "ioredis";
import { createEagerBatch } from "./eager-batch.js";
import type { RedisConnection } from "./redis-connection.js";
import { textReply } from "./reply.js";

export interface SubscriptionHandlers {
  /** `channel` is the full name, for patterns the one that matched. */
  readonly onMessage: (channel: string, message: string) => void;
  /** The connection was away and is back, with the subscription in place. */
  readonly onResumed?: () => void;
  /** The connection dropped, or could not be subscribed again yet. */
  readonly onLost?: (error: unknown) => void;
}

/** A subscription, and what the key named like the channel held right after it began. */
export interface Listening extends AsyncDisposable {
  /** Absent when the server or client cannot read on a subscribed connection (RESP2): read it elsewhere. */
  readonly stored?: { readonly text: string | undefined };
}

export interface RedisSubscriber extends AsyncDisposable {
  /**
   * Subscribes to a channel (`SUBSCRIBE`) or a pattern (`PSUBSCRIBE`). Disposing the result unsubscribes.
   * @throws the role's error when there is no connection within `timeoutMs`.
   */
  listen(
    kind: "channel" | "pattern",
    name: string,
    handlers: SubscriptionHandlers,
    timeoutMs: number,
  ): Promise<AsyncDisposable>;
  /** Like `listen` on a channel, and reads the key of the same name in the same write: no state falls in between. */
  listenAndRead(channel: string, handlers: SubscriptionHandlers, timeoutMs: number): Promise<Listening>;
}

const NAMES_PER_COMMAND = 1000;
const LEAVE_DELAY_MS = 50;

type Topic = `${"c" | "p"}${string}`;

interface Change {
  readonly topic: Topic;
  readonly kind: "add" | "addAndRead" | "remove";
}

type Stored = Listening["stored"];

/** Wraps a client and its connection that are used for nothing else. */
export function openSubscriber(client: Redis, connection: RedisConnection): RedisSubscriber {
  return new IoredisSubscriber(client, connection);
}

class IoredisSubscriber implements RedisSubscriber {
  readonly #client: Redis;
  readonly #connection: RedisConnection;
  readonly #listeners = new Map<Topic, Set<SubscriptionHandlers>>();
  readonly #leaving = new Set<Topic>();
  readonly #change: (change: Change) => Promise<Stored>;
  #leaveTimer: NodeJS.Timeout | undefined;

  constructor(client: Redis, connection: RedisConnection) {
    this.#client = client;
    this.#connection = connection;
    client.on("message", (channel, message) => this.#dispatch(`c${channel}`, channel, message));
    client.on("pmessage", (pattern, channel, message) => this.#dispatch(`p${pattern}`, channel, message));
    connection.onReady(() => {
      this.#resume().catch((error: unknown) => this.#forAll((handlers) => handlers.onLost?.(error)));
    });
    connection.onLost((error) => this.#forAll((handlers) => handlers.onLost?.(error)));
    this.#change = createEagerBatch((items) => this.#flush(items), {
      limit: NAMES_PER_COMMAND,
      mayGoAhead: (change) => change.kind !== "remove", // channels are left together
    });
  }

  listen(
    kind: "channel" | "pattern",
    name: string,
    handlers: SubscriptionHandlers,
    timeoutMs: number,
  ): Promise<AsyncDisposable> {
    return this.#listen({ topic: `${kind === "channel" ? "c" : "p"}${name}`, kind: "add" }, handlers, timeoutMs);
  }

  listenAndRead(channel: string, handlers: SubscriptionHandlers, timeoutMs: number): Promise<Listening> {
    return this.#listen({ topic: `c${channel}`, kind: "addAndRead" }, handlers, timeoutMs);
  }

  async #listen(change: Change, handlers: SubscriptionHandlers, timeoutMs: number): Promise<Listening> {
    const { topic } = change;
    if (!this.#connection.ready) await this.#connection.whenReady(timeoutMs, `subscribing to ${topic.slice(1)}`);
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(handlers));
    let stored: Stored;
    try {
      stored = await this.#change(change);
    } catch (error) {
      this.#forget(topic, handlers);
      throw error;
    }
    return {
      ...(stored === undefined ? {} : { stored }),
      [Symbol.asyncDispose]: async () => {
        if (this.#forget(topic, handlers)) this.#leaveSoon(topic);
      },
    };
  }

  /** Who waits for results listens to a new channel each time: leaving them together costs one command, not one each. */
  #leaveSoon(topic: Topic): void {
    this.#leaving.add(topic);
    this.#leaveTimer ??= setTimeout(() => this.#leave(), LEAVE_DELAY_MS).unref();
  }

  #leave(): void {
    this.#leaveTimer = undefined;
    for (const topic of this.#leaving) {
      if (this.#listeners.has(topic) || !this.#connection.ready) continue;
      this.#change({ topic, kind: "remove" }).catch(() => undefined); // gone with its connection
    }
    this.#leaving.clear();
  }

  /** In the order of asking: leaving a channel and coming back within a tick must end subscribed. */
  async #flush(items: readonly BatchItem<Change, Stored>[]): Promise<void> {
    let first = 0;
    while (first < items.length) {
      const kind = items[first]?.value.kind ?? "add";
      let end = first;
      while (end < items.length && items[end]?.value.kind === kind) end += 1;
      const run = items.slice(first, end);
      const topics = run.map((item) => item.value.topic);
      const texts = kind === "addAndRead" ? await this.#addAndRead(topics) : await this.#send(topics, kind === "add");
      run.forEach((item, index) => {
        item.resolve(texts === undefined ? undefined : { text: textReply(texts[index]) });
      });
      first = end;
    }
  }

  /** `undefined` instead of texts when this connection can only subscribe. */
  async #addAndRead(topics: readonly Topic[]): Promise<readonly unknown[] | undefined> {
    const client = this.#client;
    // Only RESP3 allows other commands on a subscribed connection; ioredis 5 has no such field.
    if (client.condition?.protocol !== 3) return this.#send(topics, true);
    const keys = topics.map((topic) => topic.slice(1));
    client.stream.cork(); // both commands in one write
    const subscribed = this.#send(topics, true);
    const read = client.mget(...keys);
    client.stream.uncork();
    const [texts] = await Promise.all([read, subscribed]);
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#leaveTimer);
    this.#listeners.clear();
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Whether that was the last listener of the topic. */
  #forget(topic: Topic, handlers: SubscriptionHandlers): boolean {
    const listeners = this.#listeners.get(topic);
    if (listeners?.delete(handlers) !== true || listeners.size > 0) return false;
    this.#listeners.delete(topic);
    return true;
  }

  #dispatch(topic: Topic, channel: string, message: string): void {
    const listeners = this.#listeners.get(topic);
    if (listeners === undefined) return;
    for (const handlers of [...listeners]) handlers.onMessage(channel, message);
  }

  #forAll(tell: (handlers: SubscriptionHandlers) => void): void {
    for (const listeners of [...this.#listeners.values()]) for (const handlers of [...listeners]) tell(handlers);
  }

  async #resume(): Promise<void> {
    if (this.#listeners.size === 0) return;
    const before = [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
    const topics = [...this.#listeners.keys()];
    for (let first = 0; first < topics.length; first += NAMES_PER_COMMAND) {
      await this.#send(topics.slice(first, first + NAMES_PER_COMMAND), true);
    }
    for (const handlers of before) handlers.onResumed?.();
  }

  async #send(topics: readonly Topic[], add: boolean): Promise<undefined> {
    const channels = topics.filter((topic) => topic.startsWith("c")).map((topic) => topic.slice(1));
    const patterns = topics.filter((topic) => topic.startsWith("p")).map((topic) => topic.slice(1));
    const work: Promise<unknown>[] = [];
    if (channels.length > 0)
      work.push(add ? this.#client.subscribe(...channels) : this.#client.unsubscribe(...channels));
    if (patterns.length > 0)
      work.push(add ? this.#client.psubscribe(...patterns) : this.#client.punsubscribe(...patterns));
    await Promise.all(work);
  }
}
