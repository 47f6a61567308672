/**
 * Deliveries whose channel ended while they were in use. RabbitMQ gives their messages to somebody again; when that is us,
 * the new delivery takes the place of the old one, and whoever holds it goes on as if nothing had happened: a task that runs
 * is not run a second time, and its ack is not lost. That is what survives a cut, and a `consumer_timeout` shorter than the
 * task (RELIABILITY G18).
 *
 * Invariants: (1) a message that comes for the first time is never taken for one that we hold. (2) Each delivery takes the
 * place of one other at most, and only of one with the same queue, ids and body: of two equal messages each is still
 * settled by itself.
 * @module
 */
import { createDeferred, type Deferred, systemClock } from "@celeriac/core/lifecycle";
import type { DeliverySource, HeldClaim } from "./held-claim.js";

/** Time to connect and consume again, after which the message is taken to be somebody else's. */
const PATIENCE_MS = 5000;

interface Orphan {
  readonly claim: HeldClaim;
  readonly reclaimed: Deferred<boolean>;
}

export class Reclaims {
  readonly #orphans = new Map<string, Orphan[]>();
  readonly #patienceMs: number;
  #isClosed = false;

  constructor(patienceMs: number = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** The channel of this claim has ended, and nobody has asked to settle it yet. */
  add(claim: HeldClaim): void {
    if (!this.#isClosed) this.#orphanOf(claim);
  }

  /** A message was delivered again: does it belong to a claim of ours? The claim then has it. */
  adopt(source: DeliverySource): boolean {
    if (this.#orphans.size === 0 || !source.wire.fields.redelivered) return false;
    const key = identityOf(source);
    const orphans = this.#orphans.get(key) ?? [];
    const found = orphans.find(({ claim }) => claim.source.wire.content.equals(source.wire.content));
    if (found === undefined) return false;
    this.#remove(key, found);
    found.claim.reclaim(source);
    found.reclaimed.resolve(true);
    return true;
  }

  /** Waits for the message of a claim to come back. @returns false when it does not, in time. */
  async comesBack(claim: HeldClaim): Promise<boolean> {
    if (this.#isClosed) return false;
    const orphan = this.#orphanOf(claim);
    const stop = new AbortController();
    const late = systemClock.sleep(this.#patienceMs, stop.signal).then(() => false);
    const isBack = await Promise.race([orphan.reclaimed.promise, late]);
    stop.abort();
    if (!isBack) this.#remove(identityOf(claim.source), orphan);
    return isBack;
  }

  /** Nothing comes back any more. */
  close(): void {
    this.#isClosed = true;
    for (const orphans of this.#orphans.values()) for (const { reclaimed } of orphans) reclaimed.resolve(false);
    this.#orphans.clear();
  }

  #orphanOf(claim: HeldClaim): Orphan {
    const key = identityOf(claim.source);
    const orphans = this.#orphans.get(key) ?? [];
    const known = orphans.find((orphan) => orphan.claim === claim);
    if (known !== undefined) return known;
    const orphan = { claim, reclaimed: createDeferred<boolean>() };
    this.#orphans.set(key, [...orphans, orphan]);
    return orphan;
  }

  #remove(key: string, orphan: Orphan): void {
    const others = (this.#orphans.get(key) ?? []).filter((other) => other !== orphan);
    if (others.length === 0) this.#orphans.delete(key);
    else this.#orphans.set(key, others);
  }
}

function identityOf({ queue, wire }: DeliverySource): string {
  const { correlationId, messageId, headers } = wire.properties;
  return JSON.stringify([queue, correlationId, messageId, headers?.id, headers?.retries, wire.fields.routingKey]);
}
