import assert from "node:assert/strict";
import type { Broker, Fanout, OncePublisher, Parking, Subscription } from "@celeriac/core/ports";
import type { CaseDefinition, ContractTiming } from "../contract-case.js";
import type { BrokerAbility, BrokerFixture } from "./broker-fixture.js";
import { Inbox, textOfDelivery } from "./inbox.js";
import { plainQueue, routeTo, type SampleOptions, sampleMessage } from "./sample-message.js";

/** The message that shows when a transport has given back what a broker held. */
const SENTINEL = "held by the broker that was closed";

/** What a broker case acts on. Everything opened through it is closed when the case ends. */
export class BrokerStage {
  readonly fixture: BrokerFixture;
  readonly timing: ContractTiming;
  /** The queue most cases use. */
  readonly queue: string = "contract";
  readonly #inboxes: AsyncDisposable[] = [];

  constructor(fixture: BrokerFixture, timing: ContractTiming) {
    this.fixture = fixture;
    this.timing = timing;
  }

  get broker(): Broker {
    return this.fixture.broker;
  }

  /** Publishes one sample message to `queue`. */
  async publish(text: string, options: SampleOptions & { readonly queue?: string } = {}): Promise<void> {
    await this.broker.publish(sampleMessage(text, options), routeTo(options.queue ?? this.queue));
  }

  /** Publishes the texts one after the other. */
  async publishEach(...texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.publish(text);
  }

  /** Consumes the stage's queue and reads as fast as it yields. */
  async open(subscription: Partial<Subscription> = {}, broker: Broker = this.broker): Promise<Inbox> {
    const consumer = await broker.consume({
      queues: [plainQueue(this.queue)],
      prefetch: Number.POSITIVE_INFINITY,
      ...subscription,
    });
    const inbox = new Inbox(consumer, this.timing);
    this.#inboxes.push(inbox);
    return inbox;
  }

  /**
   * Closes the broker while it holds one more message, claimed last. When that has come back to `peer`, all that the broker
   * still held has, however long its transport takes: so nothing else may come.
   */
  async closeHoldingNothingElse(peer: Broker): Promise<void> {
    await Promise.all(this.#inboxes.map((inbox) => inbox[Symbol.asyncDispose]()));
    const holding = await this.open();
    await this.publish(SENTINEL);
    assert.equal(textOfDelivery(await holding.next()), SENTINEL, "this had been settled");
    await this.broker[Symbol.asyncDispose]();
    const inbox = await this.open({}, peer);
    assert.equal(textOfDelivery(await inbox.next(this.timing.redeliveryMs)), SENTINEL, "this had been settled");
    await inbox.expectQuiet();
  }

  /** Messages waiting in the stage's queue. */
  length(queue: string = this.queue, broker: Broker = this.broker): Promise<number> {
    return broker.queues.length(queue);
  }

  /** The fanout ability of a case that needs it. */
  fanoutOf(broker: Broker = this.broker): Fanout {
    if (broker.fanout === undefined) throw new Error("The case needs fanout.");
    return broker.fanout;
  }

  /** The parking ability of a case that needs it. */
  parkingOf(broker: Broker = this.broker): Parking {
    if (broker.parking === undefined) throw new Error("The case needs parking.");
    return broker.parking;
  }

  /** The publishing once of a case that needs it. */
  onceOf(broker: Broker = this.broker): OncePublisher {
    if (broker.once === undefined) throw new Error("The case needs once.");
    return broker.once;
  }

  /** Puts bytes that are no envelope into the stage's queue. */
  async putRaw(bytes: Uint8Array): Promise<void> {
    if (this.fixture.putRaw === undefined) throw new Error("The case needs putRaw.");
    await this.fixture.putRaw(this.queue, bytes);
  }

  /** Have `listener` closed at the end of the case. */
  keep(listener: AsyncDisposable): void {
    this.#inboxes.push(listener);
  }

  /** Closes what is open; a fault of an adapter here has been seen by its case already. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#inboxes.map((inbox) => inbox[Symbol.asyncDispose]()));
    await this.fixture.cleanup();
  }
}

export type BrokerCase = CaseDefinition<BrokerStage, BrokerAbility>;

/** A case that any broker must pass, or one that has the abilities it needs. */
export function brokerCase(
  name: string,
  check: (stage: BrokerStage) => Promise<void>,
  needs: readonly BrokerAbility[] = [],
): BrokerCase {
  return { name, needs, check };
}
