/**
 * Takes deliveries to slots: reads them, holds what is not due, drops what expired, quarantines what is bad, and starts
 * the rest as slots become free.
 *
 * Invariants:
 * 1. A request is in exactly one of: ready, scheduled, active, or settled.
 * 2. At most `pool.slots` requests are active.
 * 3. Held ETA tasks do not count against the prefetch window: each widens it by one.
 * @module
 */
import type { App, Delivery, Logger, Parking, ReadableDelivery } from "@celeriac/core";
import { encodeException, TaskRevokedError } from "@celeriac/core";
import type { Pool } from "../pool/pool.js";
import type { QuarantineOptions } from "../quarantine/quarantine.js";
import { quarantine } from "../quarantine/quarantine.js";
import type { HeldRequest } from "../request/held-request.js";
import type { RequestReader } from "../request/read-request.js";
import { EtaSchedule } from "../schedule/eta-schedule.js";
import { PARK_LEAD_MS } from "../schedule/promote-loop.js";
import { toRecord } from "../settle/plan-settlement.js";
import type { Settler } from "../settle/settler.js";
import type { AttemptRunner } from "../trace/attempt-runner.js";
import { FifoQueue } from "./fifo-queue.js";

export interface DispatcherOptions {
  readonly app: App;
  readonly pool: Pool;
  readonly reader: RequestReader;
  readonly runner: AttemptRunner;
  readonly settler: Settler;
  readonly hostname: string;
  readonly log: Logger;
  readonly cold: AbortSignal;
  /** ETA tasks further away than this are parked at the broker, if it can. */
  readonly parkBeyondMs: number;
  /** Called when the window to ask the transport for has changed. */
  readonly onWindowChange: () => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #ready = new FifoQueue<HeldRequest>();
  readonly #scheduled: EtaSchedule<HeldRequest>;
  readonly #active = new Set<HeldRequest>();
  readonly #work = new Set<Promise<void>>();
  readonly #totals = new Map<string, number>();
  #busySlots = 0;
  #stopping = false;

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
  get busySlots(): number {
    return this.#busySlots;
  }
  /** Tasks started so far, by name. */
  get totals(): ReadonlyMap<string, number> {
    return this.#totals;
  }

  /** Takes a batch from the consumer. Never throws. */
  take(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (delivery.malformed !== undefined)
        this.#track(quarantine(delivery, delivery.malformed, this.#quarantineOptions()));
      else this.#takeReadable(delivery);
    }
    this.#fillSlots();
  }

  /** Warm stop: nothing new starts, what was never started goes back. Resolves when the running ones are settled. */
  async drain(): Promise<void> {
    this.#stopping = true;
    for (const held of [...this.#ready.drain(), ...this.#scheduled.drain()]) this.#track(this.#restore(held));
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  #quarantineOptions(): QuarantineOptions {
    const { app, hostname, log, cold } = this.#options;
    return { app, hostname, log, cold };
  }

  #takeReadable(delivery: ReadableDelivery): void {
    let held: HeldRequest;
    try {
      held = this.#options.reader.read(delivery);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#track(quarantine(delivery, fault, this.#quarantineOptions()));
      return;
    }
    if (this.#stopping) this.#track(this.#restore(held));
    else this.#place(held);
  }

  #place(held: HeldRequest): void {
    const { etaMs } = held.request;
    const nowMs = this.#options.app.clock.now();
    if (etaMs === undefined || etaMs <= nowMs) {
      this.#ready.push(held);
      return;
    }
    const { parking } = this.#options.app.broker;
    if (parking !== undefined && etaMs - nowMs > this.#options.parkBeyondMs) {
      this.#track(this.#park(parking, held, etaMs));
      return;
    }
    this.#hold(held, etaMs);
  }

  #hold(held: HeldRequest, dueMs: number): void {
    held.state = "scheduled";
    this.#scheduled.hold(dueMs, held);
    this.#options.onWindowChange();
  }

  async #park(parking: Parking, held: HeldRequest, dueMs: number): Promise<void> {
    try {
      await parking.park(held.delivery, dueMs - PARK_LEAD_MS);
      held.state = "settled";
    } catch (error) {
      this.#options.log.warn(
        { taskId: held.request.id, error: String(error) },
        "an ETA task could not be parked; it is held in memory",
      );
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

  #fillSlots(): void {
    while (!this.#stopping && this.#busySlots < this.#options.pool.slots) {
      const held = this.#ready.shift();
      if (held === undefined) return;
      const { expiresMs } = held.request;
      if (expiresMs !== undefined && expiresMs <= this.#options.app.clock.now()) this.#track(this.#expire(held));
      else this.#start(held);
    }
  }

  #start(held: HeldRequest): void {
    this.#busySlots += 1;
    this.#active.add(held);
    this.#totals.set(held.request.task, (this.#totals.get(held.request.task) ?? 0) + 1);
    const finished = this.#options.runner.run(held, () => {
      this.#busySlots -= 1;
      this.#active.delete(held);
      this.#fillSlots();
      this.#options.onWindowChange();
    });
    this.#options.onWindowChange();
    this.#track(
      finished.finally(() => {
        held.state = "settled";
      }),
    );
  }

  async #expire(held: HeldRequest): Promise<void> {
    const { app, settler, hostname, log } = this.#options;
    held.state = "settled";
    log.info({ taskId: held.request.id, task: held.request.task }, "task expired before it could run");
    const result = JSON.stringify(encodeException(new TaskRevokedError("expired")));
    const record = toRecord(held.request, "REVOKED", result, null, null, {
      settings: app.settings,
      hostname,
      queue: held.delivery.queue,
      nowMs: app.clock.now(),
    });
    await settler.perform(held, [
      ...(held.request.ignoreResult ? [] : [{ kind: "store", record } as const]),
      { kind: "ack" },
    ]);
  }

  async #restore(held: HeldRequest): Promise<void> {
    held.state = "settled";
    try {
      await held.delivery.restore();
    } catch (error) {
      this.#options.log.warn(
        { taskId: held.request.id, error: String(error) },
        "a message could not be given back; it returns when its visibility timeout passes",
      );
    }
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }
}
