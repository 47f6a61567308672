/**
 * Waits for messages without taking them: moving the head of a list to its own head blocks until there is one, and
 * changes nothing. So there is no polling, and no moment at which a message is only in our hands. DESIGN section 5.
 *
 * One connection per list, as each is blocked while it waits. A peek that fails (connection lost) reports too: what came
 * meanwhile must not be missed.
 * @module
 */
import type { RedisConnection, RedisServer } from "@celeriac/redis-connection";

/** Long enough to be free, short enough to notice a dead connection and to let proxies see life. */
const PEEK_SECONDS = 15;
/** Pause after a failed peek, so that a server that refuses them is asked once a second instead. */
const RETRY_MS = 1000;

export class Peeks implements AsyncDisposable {
  readonly #peeks: readonly Peek[];

  /** @param onWake - A list has, or may have, messages. */
  constructor(server: RedisServer, lists: readonly string[], onWake: () => void) {
    this.#peeks = lists.map((list) => new Peek(server, list, onWake));
  }

  /** Waits on every list that is not waited on yet. */
  arm(): void {
    for (const peek of this.#peeks) peek.arm();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peeks.map((peek) => peek[Symbol.asyncDispose]()));
  }
}

class Peek implements AsyncDisposable {
  readonly #connection: RedisConnection;
  readonly #list: string;
  readonly #onWake: () => void;
  readonly #end = new AbortController();
  #waiting = false;

  constructor(server: RedisServer, list: string, onWake: () => void) {
    this.#connection = server.openBlocking(PEEK_SECONDS * 1000);
    this.#list = list;
    this.#onWake = onWake;
  }

  arm(): void {
    if (this.#waiting || this.#end.signal.aborted) return;
    this.#waiting = true;
    this.#wait().catch(() => undefined); // it cannot fail: every error is a reason to look
  }

  async #wait(): Promise<void> {
    for (;;) {
      const outcome = await this.#peek();
      if (this.#end.signal.aborted) return;
      if (outcome === "empty") continue;
      this.#waiting = false;
      if (outcome === "failed") this.#pause();
      this.#onWake();
      return;
    }
  }

  async #peek(): Promise<"message" | "empty" | "failed"> {
    try {
      if (!this.#connection.ready) await this.#connection.whenReady(PEEK_SECONDS * 1000, "waiting for messages");
      const reply = await this.#connection.send("blmove", [this.#list, this.#list, "RIGHT", "RIGHT", PEEK_SECONDS]);
      return reply === null ? "empty" : "message";
    } catch {
      return "failed";
    }
  }

  #pause(): void {
    this.#waiting = true;
    setTimeout(() => {
      this.#waiting = false;
      if (!this.#end.signal.aborted) this.#onWake();
    }, RETRY_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#connection[Symbol.asyncDispose]();
  }
}
