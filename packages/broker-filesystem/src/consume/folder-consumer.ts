import { BrokerError } from "@celeriac/core/errors";
import type { Consumer, Delivery, Queue, Subscription } from "@celeriac/core/ports";
import type { Claim, Claims } from "../claim/claims.js";
import { folderFault, isMissing } from "../folder/folder-fault.js";
import { folderDelivery, settledDelivery } from "./folder-delivery.js";
import type { FolderFeed } from "./folder-feed.js";
import { type ReadMessage, readMessage } from "./read-message.js";
import { SetAside } from "./set-aside.js";

/** Most messages claimed at once. */
const BATCH = 64;

export interface ConsumerContext {
  readonly feed: FolderFeed;
  readonly claims: Claims;
  readonly partialGraceMs: number;
  /** Called once, after the last claim of this consumer was given back or yielded. */
  readonly onClosed: (consumer: FolderConsumer) => Promise<void>;
}

/** Claims when it is asked for the next batch; only a batch in the making can be claimed and not yielded. */
export class FolderConsumer implements Consumer {
  readonly queues: readonly Queue[];
  readonly #context: ConsumerContext;
  readonly #noAck: boolean;
  readonly #unsubscribe: () => void;
  readonly #aside: SetAside;
  #prefetch: number;
  /** Claims, those set aside included. */
  #held = 0;
  #turn = 0;
  #closing: Promise<void> | undefined;
  #claiming: Promise<readonly Delivery[]> | undefined;
  #wake: (() => void) | undefined;
  #isCalled = false;

  constructor(context: ConsumerContext, subscription: Subscription) {
    this.#context = context;
    this.queues = subscription.queues;
    this.#prefetch = subscription.prefetch;
    this.#noAck = subscription.noAck ?? false;
    this.#aside = new SetAside({ ...context, onRipe: () => this.#call() });
    this.#unsubscribe = context.feed.subscribe(() => this.#call());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], void, undefined> {
    while (this.#closing === undefined) {
      this.#isCalled = false;
      this.#claiming = this.#claim();
      const batch = await this.#claiming.finally(() => {
        this.#claiming = undefined;
      });
      if (batch.length > 0) yield batch;
      else await this.#called();
    }
  }

  async setPrefetch(count: number): Promise<void> {
    this.#prefetch = count;
    this.#call();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#unsubscribe();
    this.#call();
    await this.#claiming?.catch(() => undefined); // the iteration throws it
    await this.#aside.close();
    await this.#context.onClosed(this);
  }

  /** Something may have changed: messages came, or the window has room. */
  #call(): void {
    this.#isCalled = true;
    this.#wake?.();
  }

  #called(): Promise<void> {
    if (this.#isCalled) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #claim(): Promise<readonly Delivery[]> {
    const room = this.#noAck ? BATCH : Math.min(BATCH, this.#prefetch - this.#held + this.#aside.size);
    const taking: Promise<Delivery | undefined>[] = [];
    try {
      while (taking.length < room) {
        const ripe = this.#aside.take();
        if (ripe === undefined) break;
        taking.push(this.#deliver(ripe.claim, ripe.read));
      }
      while (taking.length < room) {
        const next = await this.#nextName();
        if (next === undefined) break;
        this.#held += 1;
        taking.push(this.#take(next.queue, next.name));
      }
    } catch (error) {
      taking.push(Promise.reject(error)); // what is claimed by now must still be given back
    }
    return this.#handOver(await Promise.allSettled(taking));
  }

  /** All that was claimed, or nothing and everything given back: after a fault, or when nobody wants it any more. */
  async #handOver(settled: readonly PromiseSettledResult<Delivery | undefined>[]): Promise<readonly Delivery[]> {
    const fulfilled = settled.filter((result) => result.status === "fulfilled");
    const deliveries = fulfilled.map(({ value }) => value).filter((delivery) => delivery !== undefined);
    const fault = settled.find((result) => result.status === "rejected");
    const isWanted = fault === undefined && this.#closing === undefined;
    if (this.#noAck && deliveries.length > 0) return deliveries; // their files are gone already
    if (isWanted) {
      // All were taken by others: there may be more behind them.
      if (deliveries.length === 0 && settled.length > 0) this.#call();
      return deliveries;
    }
    await Promise.allSettled(deliveries.map(({ deliveryTag }) => this.#context.claims.undo(deliveryTag)));
    if (fault !== undefined && this.#closing === undefined) throw folderFault("take messages", fault.reason);
    return [];
  }

  /** Queues take turns. */
  async #nextName(): Promise<{ readonly queue: string; readonly name: string } | undefined> {
    for (let offset = 0; offset < this.queues.length; offset += 1) {
      const index = (this.#turn + offset) % this.queues.length;
      const queue = this.queues[index]?.name ?? "";
      const name = await this.#context.feed.next(queue);
      if (name === undefined) continue;
      this.#turn = index + 1;
      return { queue, name };
    }
    return undefined;
  }

  async #take(queue: string, name: string): Promise<Delivery | undefined> {
    const { claims, partialGraceMs } = this.#context;
    const release = (): void => {
      this.#held -= 1;
      this.#call();
    };
    const claim = await claims.take(queue, name, release).catch((error: unknown) => {
      this.#held -= 1;
      throw error;
    });
    if (claim === undefined) {
      this.#held -= 1;
      return undefined;
    }
    let read: Awaited<ReturnType<typeof readMessage>>;
    try {
      read = await readMessage(claim.path, partialGraceMs);
    } catch (error) {
      await claims.undo(claim.tag).catch(() => undefined);
      if (isMissing(error)) return undefined; // swept in between: we were taken for dead
      throw error;
    }
    if (read.raw !== undefined) return this.#deliver(claim, read);
    this.#aside.add(claim, read);
    return undefined;
  }

  /** `undefined` when it is not ours any more. */
  async #deliver(claim: Claim, read: ReadMessage): Promise<Delivery | undefined> {
    const { claims } = this.#context;
    if (!this.#noAck) return folderDelivery(claim, read, claims);
    try {
      await claims.drop(claim.tag);
    } catch (error) {
      if (error instanceof BrokerError && error.code === "LEASE_LOST") return undefined;
      await claims.undo(claim.tag).catch(() => undefined);
      throw error;
    }
    return settledDelivery(claim, read, claims);
  }
}
