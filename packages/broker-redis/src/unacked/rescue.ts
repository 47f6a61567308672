/**
 * Brings back messages that are held at the server under a tag of ours although nobody here has them: their claim was
 * executed, but the answer was lost with the connection. Without this they would wait for the visibility timeout.
 * @module
 */
import type { RedisConnection } from "@celeriac/redis-connection";
import { listReply } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import { HELD_SCRIPT } from "./restore-scripts.js";
import type { Restorer } from "./restorer.js";
import { readHeld } from "./restorer.js";

const TAGS_PER_CALL = 500;

export class Rescue {
  readonly #options: { readonly connection: RedisConnection; readonly keys: KeyLayout; readonly restorer: Restorer };
  readonly #tags = new Set<string>();
  #running = false;

  constructor(options: { connection: RedisConnection; keys: KeyLayout; restorer: Restorer }) {
    this.#options = options;
    options.connection.onReady(() => this.#start());
  }

  /** Restores these as soon as the server is there. */
  add(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag);
    if (this.#options.connection.ready) this.#start();
  }

  #start(): void {
    if (this.#running || this.#tags.size === 0) return;
    this.#running = true;
    this.#run()
      .catch(() => undefined) // tried again when the connection is back; in the end the sweep finds them
      .finally(() => {
        this.#running = false;
      });
  }

  async #run(): Promise<void> {
    while (this.#tags.size > 0) {
      const tags = [...this.#tags].slice(0, TAGS_PER_CALL);
      await this.restore(tags);
      for (const tag of tags) this.#tags.delete(tag);
    }
  }

  /** Restores those of the tags that the server holds, now. @throws BrokerError */
  async restore(tags: readonly string[]): Promise<void> {
    const { connection, keys, restorer } = this.#options;
    for (let end = tags.length; end > 0; end -= TAGS_PER_CALL) {
      // The last first: each call puts its messages in front of those before.
      const some = tags.slice(Math.max(0, end - TAGS_PER_CALL), end);
      const held = readHeld(listReply(await connection.runForBytes(HELD_SCRIPT, [keys.unacked], some)), 0);
      await restorer.restore(held);
    }
  }
}
