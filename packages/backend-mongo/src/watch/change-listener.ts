/**
 * Hears of stored results by a change stream, one for all who wait. The driver resumes it where it was; when that fails it
 * is opened anew, and what was stored meanwhile is unheard of: whoever listens must read again then.
 * @module
 */
import { exponentialBackoff, withDeadline } from "@celeriac/core/lifecycle";
import type { Clock } from "@celeriac/core/ports";

/** An open change stream. */
export interface ChangeFeed {
  /** The task of the next change; `undefined` when there was none for a while. Rejects when the stream is over. */
  next(): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface ChangeListenerOptions {
  /** Resolves once the stream listens; with `undefined` where there are none. */
  readonly openFeed: () => Promise<ChangeFeed | undefined>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onChanged: (taskId: string) => void;
  /** It listens again; `error` is why it did not. */
  readonly onResumed: (error: unknown) => void;
}

const REOPEN = exponentialBackoff({ baseMs: 100, maxMs: 30_000 });

export class ChangeListener implements AsyncDisposable {
  readonly #options: ChangeListenerOptions;
  readonly #stop = new AbortController();
  #isListening = false;
  #running: Promise<void> | undefined;
  #firstTry: Promise<void> | undefined;

  constructor(options: ChangeListenerOptions) {
    this.#options = options;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Begins to listen, once. Resolves when it does, or has failed to for the first time; it goes on trying. Never rejects. */
  start(): Promise<void> {
    this.#firstTry ??= new Promise((resolve) => {
      this.#running = this.#run(resolve);
    });
    return this.#firstTry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(onTried: () => void): Promise<void> {
    let lost: { readonly error: unknown } | undefined;
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        const feed = await this.#open();
        if (feed === undefined) break;
        failures = 0;
        this.#isListening = true;
        if (lost !== undefined) this.#options.onResumed(lost.error);
        onTried();
        await this.#hear(feed);
      } catch (error) {
        lost = { error };
        failures += 1;
      }
      this.#isListening = false;
      onTried();
      if (!this.#stop.signal.aborted) await this.#options.clock.sleep(REOPEN(failures), this.#stop.signal);
    }
    onTried();
  }

  #open(): Promise<ChangeFeed | undefined> {
    const { openFeed, timeoutMs } = this.#options;
    const opening = openFeed();
    // A stream that opens too late is nobody's.
    const late = (): Error => {
      opening.then((feed) => feed?.close()).catch(() => undefined);
      return new Error("MongoDB did not answer in time.");
    };
    return withDeadline(opening, { timeoutMs }, late);
  }

  /** Listens until the stream is lost, which it throws, or we stop. */
  async #hear(feed: ChangeFeed): Promise<void> {
    const stopped = new Promise<undefined>((resolve) => {
      this.#stop.signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    try {
      while (!this.#stop.signal.aborted) {
        const next = feed.next();
        next.catch(() => undefined); // closing ends it
        const taskId = await Promise.race([next, stopped]);
        if (taskId !== undefined) this.#options.onChanged(taskId);
      }
    } finally {
      const late = (): Error => new Error("It closes too slowly.");
      await withDeadline(feed.close(), { timeoutMs: this.#options.timeoutMs }, late).catch(() => undefined);
    }
  }
}
