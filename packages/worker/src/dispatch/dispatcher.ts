/**
 * Takes deliveries to slots: reads them, holds what is not due, drops what expired, quarantines what is bad, and starts
 * the rest as slots become free.
 *
 * Invariants:
 * 1. A request is in exactly one of: ready, scheduled, active, or on its way out.
 * 2. At most `pool.slots` requests are active.
 * 3. Held ETA tasks do not count against the prefetch window: each widens it by one.
 * 4. A message that is acknowledged starts at once or goes back: it never waits for a slot.
 * 5. After `halt` nothing starts: what is taken or comes due goes back.
 * 6. A message that may be somebody else's by now does not start: it is given up, whatever it waits for.
 * @module
 */
import type { App, Delivery, Logger, Parking, ReadableDelivery } from "@celeriac/core";
import { withDeadline } from "@celeriac/core";
import type { Pool } from "../pool/pool.js";
import { quarantine } from "../quarantine/quarantine.js";
import type { HeldRequest } from "../request/held-request.js";
import type { RequestReader } from "../request/read-request.js";
import type { Revocations } from "../revoke/revocations.js";
import { EtaSchedule } from "../schedule/eta-schedule.js";
import { PARK_LEAD_MS } from "../schedule/promote-loop.js";
import type { Aftermath } from "../settle/aftermath.js";
import type { Settler } from "../settle/settler.js";
import type { ShutdownSignals } from "../shutdown.js";
import type { AttemptRunner } from "../trace/attempt-runner.js";
import { isLost, isPoisoned } from "./doomed.js";
import { FifoQueue } from "./fifo-queue.js";
import { WorkInHand } from "./work-in-hand.js";

export interface DispatcherOptions {
  readonly app: App;
  readonly pool: Pool;
  readonly reader: RequestReader;
  readonly runner: AttemptRunner;
  readonly settler: Settler;
  readonly aftermath: Aftermath;
  readonly revocations: Revocations;
  readonly hostname: string;
  readonly log: Logger;
  readonly shutdown: ShutdownSignals;
  /** ETA tasks further away than this are parked at the broker, if it can. */
  readonly parkBeyondMs: number;
  /** The window depends on free slots, not only on what is scheduled. */
  readonly fair: boolean;
  /** Called when the window to ask the transport for may have changed. */
  readonly onWindowChange: () => void;
}

/** Longer than an outage is waited out during a shutdown. */
const SETTLE_TIMEOUT_MS = 10_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #ready = new FifoQueue<HeldRequest>();
  readonly #scheduled: EtaSchedule<HeldRequest>;
  readonly #active = new Set<HeldRequest>();
  readonly #totals = new Map<string, number>();
  /** What a shutdown waits for. */
  readonly #inHand = new WorkInHand();
  #earlyAcked = 0;
  #isHalted = false;
  /** What `startsAtOnce` has read last: if that message is taken, it comes next. */
  #read: HeldRequest | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#scheduled = new EtaSchedule(options.app.clock, (due) => this.#becomeDue(due));
  }

  get active(): Iterable<HeldRequest> {
    return this.#active;
  }
  get ready(): Iterable<HeldRequest> {
    return this.#ready;
  }
  get scheduled(): readonly { readonly dueMs: number; readonly value: HeldRequest }[] {
    return this.#scheduled.list();
  }
  get scheduledCount(): number {
    return this.#scheduled.size;
  }
  /** Running tasks whose message is acknowledged before the run: they use a slot but no place in the window. */
  get earlyAckedCount(): number {
    return this.#earlyAcked;
  }
  /** Tasks started so far, by name. */
  get totals(): ReadonlyMap<string, number> {
    return this.#totals;
  }

  /**
   * Whether a message would start, and be acknowledged, the moment it is handed out: a slot is free, nothing waits before
   * it, it can be read, is due, not revoked, and acknowledged early. Never throws.
   */
  startsAtOnce(delivery: ReadableDelivery): boolean {
    if (this.#isHalted || this.#ready.size > 0 || !this.#hasFreeSlot) return false;
    const { reader, app, revocations } = this.#options;
    let held: HeldRequest;
    try {
      held = reader.read(delivery);
    } catch {
      return false; // claimed, it goes to the quarantine
    }
    const { etaMs, expiresMs } = held.request;
    if (held.policy.ack.late || etaMs !== undefined || revocations.covers(held.request)) return false;
    if (expiresMs !== undefined && expiresMs <= app.clock.now()) return false;
    this.#read = held;
    return true;
  }

  /** Takes a batch from the consumer. Never throws. */
  take(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (delivery.malformed !== undefined) this.#quarantine(delivery, delivery.malformed);
      else this.#takeReadable(delivery);
    }
    this.#fillSlots();
  }

  /** Gives up everything that waits and is lost. */
  dropLost(): void {
    const lost = [...this.#ready.extract(isLost), ...this.#scheduled.extract(isLost)];
    if (lost.length === 0) return;
    for (const held of lost) {
      held.state = "settled";
      this.#inHand.track(this.#options.settler.abandon(held));
    }
    this.#options.log.info({ count: lost.length }, "messages that waited here went back with the connection");
    this.#options.onWindowChange();
  }

  /** Nothing starts from now on; what never started goes back, in front and in its order. */
  halt(): void {
    if (this.#isHalted) return;
    this.#isHalted = true;
    const unstarted = [...this.#ready.drain(), ...this.#scheduled.drain()];
    for (const held of unstarted.reverse()) this.#giveBack(held); // each goes in front: the first one last
  }

  /**
   * Halts, and resolves when everything in hand is settled: running tasks are waited for without end, a broker or store that
   * never answers is not (G14).
   */
  async drain(): Promise<void> {
    this.halt();
    await this.#inHand.until(() => this.#active.size === 0);
    const late = (): Error =>
      new Error(`${this.#inHand.size} messages were not settled within ${SETTLE_TIMEOUT_MS} ms`);
    const settled = this.#inHand.until(() => this.#inHand.size === 0);
    try {
      await withDeadline(settled, { timeoutMs: SETTLE_TIMEOUT_MS }, late);
    } catch (error) {
      this.#options.log.error({ error: String(error) }, "the broker or store does not answer; leaving without it");
    }
  }

  #takeReadable(delivery: ReadableDelivery): void {
    let held: HeldRequest;
    try {
      held = this.#read?.delivery === delivery ? this.#read : this.#options.reader.read(delivery);
      this.#read = undefined;
    } catch (error) {
      this.#quarantine(delivery, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    held.acknowledged = delivery.isTaken === true;
    if (this.#isHalted || (held.acknowledged && !this.#hasFreeSlot)) this.#giveBack(held);
    else this.#place(held);
  }

  #place(held: HeldRequest): void {
    if (this.#options.revocations.covers(held.request)) {
      this.#drop(held, "revoked");
      return;
    }
    if (isPoisoned(held)) {
      this.#drop(held, "poisoned");
      return;
    }
    const { etaMs, expiresMs } = held.request;
    if (etaMs === undefined && expiresMs === undefined) {
      this.#ready.push(held);
      return;
    }
    const nowMs = this.#options.app.clock.now();
    if (expiresMs !== undefined && expiresMs <= nowMs) this.#drop(held, "expired");
    else if (etaMs === undefined || etaMs <= nowMs) this.#ready.push(held);
    else this.#postpone(held, etaMs, etaMs - nowMs);
  }

  #postpone(held: HeldRequest, dueMs: number, waitMs: number): void {
    const { parking } = this.#options.app.broker;
    if (parking === undefined || waitMs <= this.#options.parkBeyondMs) this.#hold(held, dueMs);
    else this.#inHand.track(this.#park(parking, held, dueMs));
  }

  #hold(held: HeldRequest, dueMs: number): void {
    if (isLost(held)) {
      this.#giveUp(held);
      return;
    }
    if (this.#isHalted) {
      this.#giveBack(held);
      return;
    }
    held.state = "scheduled";
    this.#scheduled.hold(dueMs, held);
    this.#options.onWindowChange();
  }

  async #park(parking: Parking, held: HeldRequest, dueMs: number): Promise<void> {
    try {
      await parking.park(held.delivery, dueMs - PARK_LEAD_MS);
      held.state = "settled";
    } catch (error) {
      const fields = { taskId: held.request.id, error: String(error) };
      this.#options.log.warn(fields, "an ETA task could not be parked; it is held in memory");
      this.#hold(held, dueMs);
    }
  }

  #becomeDue(due: readonly HeldRequest[]): void {
    for (const held of due) {
      held.state = "reserved";
      this.#ready.push(held);
    }
    this.#options.onWindowChange();
    this.#fillSlots();
  }

  get #hasFreeSlot(): boolean {
    return this.#active.size < this.#options.pool.slots;
  }

  #fillSlots(): void {
    while (!this.#isHalted && this.#hasFreeSlot) {
      const held = this.#ready.shift();
      if (held === undefined) return;
      const { expiresMs } = held.request;
      if (isLost(held)) this.#giveUp(held);
      else if (expiresMs !== undefined && expiresMs <= this.#options.app.clock.now()) this.#drop(held, "expired");
      else if (this.#options.revocations.covers(held.request)) this.#drop(held, "revoked");
      else this.#start(held);
    }
  }

  #start(held: HeldRequest): void {
    const { task } = held.request;
    held.state = "active";
    this.#active.add(held);
    if (!held.policy.ack.late) this.#earlyAcked += 1;
    this.#totals.set(task, (this.#totals.get(task) ?? 0) + 1);
    this.#inHand.track(this.#options.runner.run(held, this.#onEnded));
    if (this.#options.fair) this.#options.onWindowChange();
  }

  readonly #onEnded = (held: HeldRequest): void => {
    this.#active.delete(held);
    if (!held.policy.ack.late) this.#earlyAcked -= 1;
    this.#fillSlots();
    if (this.#options.fair) this.#options.onWindowChange();
    this.#inHand.noteMove();
  };

  #drop(held: HeldRequest, reason: "expired" | "revoked" | "poisoned"): void {
    held.state = "settled";
    this.#inHand.track(this.#options.runner.drop(held, reason));
  }

  #giveBack(held: HeldRequest): void {
    held.state = "settled";
    this.#inHand.track(this.#options.settler.restore(held));
  }

  #giveUp(held: HeldRequest): void {
    held.state = "settled";
    this.#inHand.track(this.#options.runner.giveUp(held));
  }

  #quarantine(delivery: Delivery, fault: Error): void {
    this.#inHand.track(quarantine(delivery, fault, this.#options));
  }
}
