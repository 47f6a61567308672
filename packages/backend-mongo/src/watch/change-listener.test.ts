import { createDeferred, type Deferred, systemClock } from "@celeriac/core/lifecycle";
import type { Clock } from "@celeriac/core/ports";
import { describe, expect, it } from "vitest";
import { type ChangeFeed, ChangeListener } from "./change-listener.js";

/** A feed whose changes the test makes. */
class FakeFeed implements ChangeFeed {
  isClosed = false;
  #waiting: Deferred<string | undefined> | undefined;
  readonly #changes: (() => Promise<string | undefined>)[] = [];

  next(): Promise<string | undefined> {
    const change = this.#changes.shift();
    if (change !== undefined) return change();
    this.#waiting = createDeferred<string | undefined>();
    return this.#waiting.promise;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  change(taskId: string): void {
    if (this.#waiting === undefined) this.#changes.push(async () => taskId);
    else this.#waiting.resolve(taskId);
    this.#waiting = undefined;
  }

  fail(error: Error): void {
    if (this.#waiting === undefined) this.#changes.push(() => Promise.reject(error));
    else this.#waiting.reject(error);
    this.#waiting = undefined;
  }
}

/** Its sleeps take no time. */
const clock: Clock = { ...systemClock, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

interface Heard {
  readonly changed: string[];
  readonly resumed: unknown[];
}

function listen(openFeed: () => Promise<ChangeFeed | undefined>): Heard & { readonly listener: ChangeListener } {
  const changed: string[] = [];
  const resumed: unknown[] = [];
  const listener = new ChangeListener({
    openFeed,
    clock,
    timeoutMs: 1_000,
    onChanged: (taskId) => changed.push(taskId),
    onResumed: (error) => resumed.push(error),
  });
  return { listener, changed, resumed };
}

describe("a change stream", () => {
  it("tells of changes in order, until it is disposed", async () => {
    const feed = new FakeFeed();
    const { listener, changed } = listen(async () => feed);
    await listener.start();
    expect(listener.isListening).toBe(true);
    feed.change("a");
    await expect.poll(() => changed).toEqual(["a"]);
    feed.change("b");
    await expect.poll(() => changed).toEqual(["a", "b"]);
    await listener[Symbol.asyncDispose]();
    expect(feed.isClosed).toBe(true);
    expect(listener.isListening).toBe(false);
  });

  it("that breaks off is opened anew, and says that changes were missed", async () => {
    const feeds = [new FakeFeed(), new FakeFeed()];
    let opened = 0;
    const { listener, changed, resumed } = listen(async () => feeds[opened++]);
    await listener.start();
    const broken = new Error("history lost");
    feeds[0]?.fail(broken);
    await expect.poll(() => resumed).toEqual([broken]);
    expect(feeds[0]?.isClosed).toBe(true);
    feeds[1]?.change("later");
    await expect.poll(() => changed).toEqual(["later"]);
    await listener[Symbol.asyncDispose]();
  });

  it("that cannot be opened at first does not hold up who waits, and is tried again", async () => {
    const feed = new FakeFeed();
    let tries = 0;
    const { listener, resumed } = listen(async () => {
      tries += 1;
      if (tries < 3) throw new Error("not authorized");
      return feed;
    });
    await listener.start();
    await expect.poll(() => listener.isListening).toBe(true);
    expect([tries, resumed.length]).toEqual([3, 1]);
    await listener[Symbol.asyncDispose]();
  });

  it("is not asked for again where there is none", async () => {
    let tries = 0;
    const { listener } = listen(async () => {
      tries += 1;
      return undefined;
    });
    await listener.start();
    await listener.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect([tries, listener.isListening]).toEqual([1, false]);
    await listener[Symbol.asyncDispose]();
  });
});
