/**
 * Waits for messages without taking them: moving the head of a list to its own head blocks until there is one, and
 * changes nothing. So there is no polling, and no moment at which a message is only in our hands. DESIGN section 5.
 *
 * A peek that found a message reports its text, if that is all there is to it; whether it is still there is for the
 * server to say. One connection per list, as each is blocked while it waits. A peek that fails (connection lost) reports too: what came
 * meanwhile must not be missed.
 * @module
 */
import type { RedisConnection, RedisServer } from "@celeriac/redis-connection";
import { textReply } from "@celeriac/redis-connection";

/** Long enough to be free, short enough to notice a dead connection and to let proxies see life. */
const PEEK_SECONDS = 15;
/** Pause after a failed peek, so that a server that refuses them is asked once a second instead. */
const RETRY_MS = 1000;

/** A list has, or may have, messages. `payload` is the next one as text, as it was a moment ago. */
export type OnWake = (list: string, payload: string | undefined) => void;

export class Peeks implements AsyncDisposable {
  readonly #peeks: readonly Peek[];

  constructor(server: RedisServer, lists: readonly string[], onWake: OnWake) {
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
  readonly #onWake: OnWake;
  readonly #end = new AbortController();
  #waiting = false;

  constructor(server: RedisServer, list: string, onWake: OnWake) {
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
      this.#onWake(this.#list, typeof outcome === "object" ? outcome.payload : undefined);
      return;
    }
  }

  async #peek(): Promise<{ readonly payload: string | undefined } | "empty" | "failed"> {
    try {
      if (!this.#connection.ready) await this.#connection.whenReady(PEEK_SECONDS * 1000, "waiting for messages");
      const reply = await this.#connection.send("blmove", [this.#list, this.#list, "RIGHT", "RIGHT", PEEK_SECONDS]);
      return reply === null ? "empty" : { payload: textReply(reply) };
    } catch {
      return "failed";
    }
  }

  #pause(): void {
    this.#waiting = true;
    setTimeout(() => {
      this.#waiting = false;
      if (!this.#end.signal.aborted) this.#onWake(this.#list, undefined);
    }, RETRY_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#connection[Symbol.asyncDispose]();
  }
}
