/**
 * Tells listeners of every state of a task, by the channel that carries each stored document.
 *
 * Invariants: (1) subscribed first, then read: no state between the two is missed. (2) In order: what is pushed while a
 * read is under way waits for it. (3) After a reconnect the same again. (4) The last listener that leaves takes the
 * subscription with it (RELIABILITY G12).
 * @module
 */
import { withDeadline } from "@celeriac/core/lifecycle";
import type { ResultWatcher, WatchOptions } from "@celeriac/core/ports";
import type { ResultMeta } from "@celeriac/core/protocol";
import type { Listening, RedisSubscriber } from "@celeriac/redis-connection";
import { describeFailure } from "@celeriac/redis-connection";
import type { ResultKeys } from "./result-keys.js";

export interface RedisWatcherOptions {
  /** Opened on first use, shared by all listeners. */
  readonly subscriber: () => RedisSubscriber;
  readonly keys: ResultKeys;
  readonly read: (key: string) => Promise<string | undefined>;
  /** @throws DecodeError */
  readonly decode: (text: string, taskId: string) => ResultMeta;
  readonly timeoutMs: number;
}

export function createRedisWatcher(options: RedisWatcherOptions): ResultWatcher {
  return {
    async watch(taskId, onMeta, watchOptions = {}) {
      const { signal, timeoutMs = options.timeoutMs } = watchOptions;
      if (signal?.aborted === true) throw signal.reason;
      const watch = new Watch(taskId, onMeta, watchOptions, options);
      const started = watch.start(timeoutMs);
      try {
        await withDeadline(started, { timeoutMs, signal }, () =>
          describeFailure("backend", "timeout", `watching task ${taskId}`),
        );
      } catch (error) {
        watch.stop().catch(() => undefined); // ends as soon as it has begun
        throw error;
      }
      return { [Symbol.asyncDispose]: () => watch.stop() };
    },
  };
}

class Watch {
  readonly #taskId: string;
  readonly #key: string;
  readonly #onMeta: (meta: ResultMeta) => void;
  readonly #onError: (error: unknown) => void;
  readonly #options: RedisWatcherOptions;
  #subscription: Promise<Listening> | undefined;
  #stopped = false;
  /** What was pushed while a read is under way; `undefined` when none is. */
  #held: string[] | undefined;
  #last: string | undefined;

  constructor(
    taskId: string,
    onMeta: (meta: ResultMeta) => void,
    { onError }: WatchOptions,
    options: RedisWatcherOptions,
  ) {
    this.#taskId = taskId;
    this.#key = options.keys.task(taskId);
    this.#onMeta = onMeta;
    this.#onError = onError ?? (() => undefined);
    this.#options = options;
  }

  async start(timeoutMs: number): Promise<void> {
    this.#held = [];
    this.#subscription = this.#options.subscriber().listenAndRead(
      this.#key,
      {
        onMessage: (_channel, text) => this.#push(text),
        onResumed: () => {
          this.#read().catch((error: unknown) => this.#report(error));
        },
        onLost: (error) => this.#report(error),
      },
      timeoutMs,
    );
    const { stored } = await this.#subscription;
    if (stored === undefined) await this.#read();
    else this.#release(stored.text);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const subscription = await this.#subscription?.catch(() => undefined);
    await subscription?.[Symbol.asyncDispose]();
  }

  #push(text: string): void {
    if (this.#held === undefined) this.#deliver(text);
    else this.#held.push(text);
  }

  async #read(): Promise<void> {
    this.#held ??= [];
    let stored: string | undefined;
    try {
      stored = await this.#options.read(this.#key);
    } finally {
      this.#release(stored);
    }
  }

  /** What was read is either one of the pushed states, which then are complete, or older than all of them. */
  #release(stored: string | undefined): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (stored !== undefined && !held.includes(stored) && stored !== this.#last) this.#deliver(stored);
    for (const text of held) this.#deliver(text);
  }

  #deliver(text: string): void {
    if (this.#stopped) return;
    this.#last = text;
    try {
      this.#onMeta(this.#options.decode(text, this.#taskId));
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (!this.#stopped) this.#onError(error);
  }
}
