import { withDeadline } from "@celeriac/core/lifecycle";
import type { RedisConnection, RedisServer } from "@celeriac/redis-connection";
import type { BrokerSettings } from "../broker-settings.js";
import type { KeyLayout } from "../key-layout.js";
import { Lease } from "../lease/lease.js";
import type { Bindings } from "../publish/bindings.js";
import { Takes } from "../take/takes.js";
import { Rescue } from "./rescue.js";
import { startRestoreSweep } from "./restore-sweep.js";
import type { HeldMessage } from "./restorer.js";
import { Restorer } from "./restorer.js";
import { Settler } from "./settler.js";
import type { TagSource } from "./tag-source.js";
import { createTagSource } from "./tag-source.js";

export interface HoldingsOptions {
  readonly server: RedisServer;
  readonly settings: BrokerSettings;
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly bindings: Bindings;
  readonly onWarning: (message: string) => void;
  readonly bury: (held: HeldMessage, reason: string, detail: string) => Promise<void>;
}

/** How long a settlement outlives a broken connection; a third of the lease at most, so that it is still ours. */
const SETTLE_MS = 30_000;
/** How long a closing broker tries to give its messages back. */
const FAREWELL_MS = 5000;

/** Everything a broker has to do with messages in somebody's hands; made when the first consumer opens. */
export class Holdings implements AsyncDisposable {
  readonly tags: TagSource = createTagSource();
  readonly lease: Lease;
  readonly settler: Settler;
  readonly takes: Takes;
  readonly #rescue: Rescue;
  readonly #options: HoldingsOptions;
  readonly #restorer: Restorer;
  #sweep: AsyncDisposable | undefined;

  constructor(options: HoldingsOptions) {
    const { connection, keys, settings, server } = options;
    this.#options = options;
    this.#restorer = new Restorer(options);
    this.lease = new Lease({
      target: server.target,
      connection,
      indexKey: keys.unackedIndex,
      prefix: this.tags.prefix,
      visibilityMs: settings.visibilityMs,
      onWarning: options.onWarning,
    });
    const timeoutMs = Math.min(SETTLE_MS, settings.visibilityMs / 3);
    this.takes = new Takes({ connection, keys, tags: this.tags, timeoutMs });
    this.settler = new Settler({
      connection,
      keys,
      timeoutMs,
      isDoubtful: ({ number, claimedMs }) => this.lease.isDoubtful(number, claimedMs),
      onSettled: (claimed) => this.lease.release(claimed.number),
    });
    this.#rescue = new Rescue({ connection, keys, restorer: this.#restorer });
  }

  /** Looks after orphans from now on: ours and those of every other worker of the database. */
  startSweep(): void {
    this.#sweep ??= startRestoreSweep({ ...this.#options, restorer: this.#restorer });
  }

  /** Gives back what the server may hold for us under these numbers. */
  rescue(first: number, count: number): void {
    this.#rescue.add(Array.from({ length: count }, (_unused, index) => this.tags.prefix + (first + index)));
  }

  /** Restores what nobody has settled, as kombu does when its channel closes; then stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { connection, settings } = this.#options;
    await this.#sweep?.[Symbol.asyncDispose]();
    await this.takes[Symbol.asyncDispose]();
    const { unsettled } = this.lease;
    if (unsettled.length > 0 && connection.ready) {
      const tags = unsettled.map((number) => this.tags.prefix + number);
      const timeoutMs = Math.min(settings.publishTimeoutMs, FAREWELL_MS);
      // Best effort: what cannot be given back now, a sweep of another worker finds.
      await withDeadline(this.#rescue.restore(tags), { timeoutMs }, () => new Error("late")).catch(() => undefined);
    }
    await this.lease[Symbol.asyncDispose]();
  }
}
