import assert from "node:assert/strict";
import { systemClock } from "@celeriac/core/lifecycle";
import type { Consumer, Delivery } from "@celeriac/core/ports";
import type { ContractTiming } from "../contract-case.js";
import { eventually } from "../eventually.js";
import { textOf } from "./sample-message.js";

/** Reads a consumer as fast as it yields, and lets a case wait for what it wants to see. */
export class Inbox implements AsyncDisposable {
  readonly consumer: Consumer;
  readonly #timing: ContractTiming;
  readonly #arrived: Delivery[] = [];
  readonly #reading: Promise<void>;
  #taken = 0;
  #ended = false;
  #fault: { readonly error: unknown } | undefined;

  constructor(consumer: Consumer, timing: ContractTiming) {
    this.consumer = consumer;
    this.#timing = timing;
    this.#reading = this.#read();
  }

  /** Deliveries seen so far, taken or not. */
  get count(): number {
    return this.#arrived.length;
  }

  /** The next `count` deliveries; fails when they do not come. */
  async take(count: number, withinMs: number = this.#timing.settleMs): Promise<readonly Delivery[]> {
    const wanted = this.#taken + count;
    await eventually(
      () => {
        if (this.#fault !== undefined) throw this.#fault.error;
        return this.#arrived.length >= wanted;
      },
      withinMs,
      `expected ${count} more deliveries, got ${this.#arrived.length - this.#taken}`,
    );
    const deliveries = this.#arrived.slice(this.#taken, wanted);
    this.#taken = wanted;
    return deliveries;
  }

  /** The next delivery. */
  async next(withinMs?: number): Promise<Delivery> {
    const [delivery] = await this.take(1, withinMs);
    assert.ok(delivery);
    return delivery;
  }

  /** The texts of the next `count` deliveries. */
  async texts(count: number): Promise<readonly string[]> {
    return (await this.take(count)).map(textOfDelivery);
  }

  /** Fails when anything arrives that was not taken. */
  async expectQuiet(): Promise<void> {
    await systemClock.sleep(this.#timing.quietMs);
    if (this.#fault !== undefined) throw this.#fault.error;
    const extra = this.#arrived.slice(this.#taken).map((delivery) => delivery.deliveryTag);
    assert.deepEqual(extra, [], "nothing more should have been delivered");
  }

  /** Resolves when the iteration has ended; rejects with what it threw. */
  async ended(): Promise<void> {
    await eventually(() => this.#ended, this.#timing.settleMs, "the iteration should have ended");
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      for await (const batch of this.consumer) this.#arrived.push(...batch);
    } catch (error) {
      this.#fault = { error };
    }
    this.#ended = true;
  }
}

/** The text of a delivery that must be readable. */
export function textOfDelivery(delivery: Delivery): string {
  assert.ok(delivery.message, `the delivery should be readable: ${delivery.malformed?.message}`);
  return textOf(delivery.message);
}
