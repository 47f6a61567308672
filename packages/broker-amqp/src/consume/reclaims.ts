/**
 * Deliveries whose channel ended while they were in use. RabbitMQ gives their messages to somebody again; when that is us,
 * the new delivery takes the place of the old one, and whoever holds it goes on as if nothing had happened: a task that runs
 * is not run a second time, and its ack is not lost. That is what survives a cut, and a `consumer_timeout` shorter than the
 * task (RELIABILITY G18). Claims that were given up are not among them: their messages come as new ones.
 *
 * Invariants: (1) a message that comes for the first time is never taken for one that we hold. (2) Each delivery takes the
 * place of one other at most, and only of one with the same queue, ids and body: of two equal messages each is still
 * settled by itself.
 * @module
 */
import { createDeferred, type Deferred } from "@celeriac/core/lifecycle";
import type { DeliverySource, HeldClaim } from "./held-claim.js";
import { Patience } from "./patience.js";

/**
 * Time for a message to come back when its queue is consumed, after which it is taken to be somebody else's. Longer than a
 * worker pauses between two tries to connect.
 */
const PATIENCE_MS = 5000;

interface Orphan {
  readonly claim: HeldClaim;
  readonly reclaimed: Deferred<boolean>;
}

export class Reclaims {
  readonly #orphans = new Map<string, Orphan[]>();
  readonly #patience: Patience;
  #isClosed = false;

  constructor(patienceMs: number = PATIENCE_MS) {
    this.#patience = new Patience(patienceMs);
  }

  /**
   * Somebody sets out to consume these queues: what is waited for may come with it, however long that takes.
   * @returns to be called once: it has succeeded, or failed.
   */
  setOut(queues: readonly string[]): () => void {
    return this.#patience.setOut(queues);
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

  /** Waits for the message of a claim to come back. @returns false when it does not, in time: see `patience.ts`. */
  async comesBack(claim: HeldClaim): Promise<boolean> {
    if (this.#isClosed) return false;
    const orphan = this.#orphanOf(claim);
    const wait = this.#patience.wait(claim.source.queue);
    const isBack = await Promise.race([orphan.reclaimed.promise, wait.over.then(() => false)]);
    wait.end();
    if (!isBack) this.#remove(identityOf(claim.source), orphan);
    return isBack;
  }

  /** Its holder has given it up: should the message come back, it is a new one. */
  forget(claim: HeldClaim): void {
    const key = identityOf(claim.source);
    const orphan = this.#orphans.get(key)?.find((other) => other.claim === claim);
    if (orphan !== undefined) this.#remove(key, orphan);
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
  const identity = [queue, correlationId, messageId, headers?.id, headers?.retries, wire.fields.routingKey];
  return JSON.stringify(identity, withBigInts);
}

/** Headers are whatever a publisher put there, 64-bit integers included, which JSON has not. */
function withBigInts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? { integer: String(value) } : value;
}
