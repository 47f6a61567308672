/**
 * Ends the life of claims: acks and moves of one tick become one script call each.
 *
 * Invariants: (1) a settlement resolves only after the server has confirmed it. (2) One that the connection took with it
 * is asked again when the server is back; if it is not there then, our first attempt had removed it, as long as the lease
 * cannot have run out: nobody else could. (3) Every other claim that the server does not know rejects with `LEASE_LOST`.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import type { BatchItem } from "@celeriac/core/lifecycle";
import { createTickBatch } from "@celeriac/core/lifecycle";
import type { RedisConnection } from "@celeriac/redis-connection";
import { integerReply, listReply } from "@celeriac/redis-connection";
import type { Claimed } from "../consume/redis-delivery.js";
import type { KeyLayout } from "../key-layout.js";
import { untilConfirmed } from "./confirm.js";
import type { Move } from "./mover.js";
import { moveHeld } from "./mover.js";
import { ACK_SCRIPT } from "./settle-scripts.js";

export interface SettlerOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  /** How long a settlement is tried; must be shorter than a lease. */
  readonly timeoutMs: number;
  /** Whether a claim may have ended without us. */
  readonly isDoubtful: (claimed: Claimed) => boolean;
  /** The claim is over, whatever became of it: its lease need not be renewed. */
  readonly onSettled: (claimed: Claimed) => void;
}

interface HeldMove {
  readonly claimed: Claimed;
  readonly move: Move;
}

export class Settler {
  readonly #options: SettlerOptions;
  /** Claims whose settlement was sent and never answered. */
  readonly #unanswered = new WeakSet<Claimed>();
  readonly ack: (claimed: Claimed) => Promise<void>;
  readonly move: (held: HeldMove) => Promise<void>;

  constructor(options: SettlerOptions) {
    this.#options = options;
    this.ack = createTickBatch((items) => this.#flushAcks(items));
    this.move = createTickBatch((items) => this.#flushMoves(items), 100);
  }

  async #flushAcks(items: readonly BatchItem<Claimed, void>[]): Promise<void> {
    const { connection, keys } = this.#options;
    const claims = items.map((item) => item.value);
    const tags = claims.map((claimed) => claimed.tag);
    await untilConfirmed(this.#options, "acknowledging", async () => {
      const reply = await this.#answered(claims, () =>
        connection.run(ACK_SCRIPT, [keys.unacked, keys.unackedIndex], tags),
      );
      const lost = listReply(reply);
      const missing = lost.length === 0 ? undefined : new Set(lost.map((position) => integerReply(position) - 1));
      items.forEach((item, index) => {
        this.#options.onSettled(item.value);
        if (missing?.has(index) === true && !this.#wasOurs(item.value)) item.reject(leaseLost(item.value));
        else item.resolve();
      });
    });
  }

  async #flushMoves(items: readonly BatchItem<HeldMove, void>[]): Promise<void> {
    const { connection, keys } = this.#options;
    const claims = items.map((item) => item.value.claimed);
    const moves = items.map((item) => item.value.move);
    await untilConfirmed(this.#options, "giving back", async () => {
      const outcomes = await this.#answered(claims, () => moveHeld(connection, keys, moves));
      items.forEach((item, index) => {
        const outcome = outcomes[index];
        if (outcome instanceof BrokerError) {
          item.reject(outcome);
          return;
        }
        this.#options.onSettled(item.value.claimed);
        if (outcome === "missing" && !this.#wasOurs(item.value.claimed)) item.reject(leaseLost(item.value.claimed));
        else item.resolve();
      });
    });
  }

  async #answered<T>(claims: readonly Claimed[], ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      for (const claimed of claims) this.#unanswered.add(claimed);
      throw error;
    }
  }

  /** Of a claim that is gone: whether an earlier attempt of ours has ended it. */
  #wasOurs(claimed: Claimed): boolean {
    return this.#unanswered.has(claimed) && !this.#options.isDoubtful(claimed);
  }
}

function leaseLost(claimed: Claimed): BrokerError {
  return new BrokerError(
    `The lease of delivery ${claimed.tag} from queue "${claimed.queue}" is lost: it was held longer than the visibility timeout without renewal, and another worker may be running it.`,
    { code: "LEASE_LOST" },
  );
}
