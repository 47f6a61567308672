/**
 * Breaks things on a seeded schedule and says so in the ledger, before and after.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Ledger } from "../ledger/ledger.js";
import type { FaultProxy } from "../proxy/fault-proxy.js";
import type { OwnRabbit } from "./rabbit-server.js";
import type { WorkerSlot } from "./worker-slot.js";

export type FaultKind = "kill-group" | "kill-parent" | "kill-child" | "cut" | "close-connections" | "memory-alarm";

/** How long a memory alarm lasts. */
const ALARM_MS = 30_000;

export interface FaultDriverOptions {
  readonly ledger: Ledger;
  readonly workers: readonly WorkerSlot[];
  /** Needed for `cut`. */
  readonly proxy: FaultProxy | undefined;
  /** Needed for `close-connections` and `memory-alarm`. */
  readonly rabbit?: OwnRabbit | undefined;
  /** Nothing is broken any more after so many faults. */
  readonly maxFaults: number;
  /** Hears of each fault as it begins. */
  readonly onFault: (faults: number) => void;
}

/** One kind of fault and when it strikes. */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** Mean pause between two. */
  readonly everyMs: number;
  /** A stream of its own, so that the schedule does not depend on what else happens. */
  readonly random: () => number;
}

/** What one fault covers, for its lines in the ledger. */
interface Cover {
  readonly boots?: readonly string[];
  readonly pids?: readonly number[];
  readonly everybody?: true;
}

export class FaultDriver {
  readonly #options: FaultDriverOptions;
  #faults = 0;

  constructor(options: FaultDriverOptions) {
    this.#options = options;
  }

  /** Faults so far. */
  get faults(): number {
    return this.#faults;
  }

  /** One fault about every `everyMs` (0.5 to 1.5 times it), until the signal aborts. */
  async run({ kind, everyMs, random }: FaultPlan, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#faults < this.#options.maxFaults) {
      const [wait, which, child] = [random(), random(), random()];
      await pause(everyMs * (0.5 + wait), undefined, { signal }).catch(() => undefined); // the abort ends the loop
      if (!signal.aborted && this.#faults < this.#options.maxFaults) await this.#strike(kind, which, child);
    }
  }

  async #strike(kind: FaultKind, which: number, whichChild: number): Promise<void> {
    if (kind === "cut") {
      const { proxy } = this.#options;
      await this.#record(kind, { everybody: true }, async () => void proxy?.rst());
      return;
    }
    const { rabbit } = this.#options;
    if (kind === "close-connections") {
      await this.#record(kind, { everybody: true }, async () => rabbit?.closeConnections());
      return;
    }
    if (kind === "memory-alarm") {
      await this.#record(kind, {}, async () => raiseAlarm(rabbit)); // it excuses nothing
      return;
    }
    const ready = this.#options.workers.filter((worker) => worker.life?.ready === true);
    const worker = ready[Math.floor(which * ready.length)];
    const life = worker?.life;
    if (worker === undefined || life === undefined) return; // all are starting: the next turn finds one
    if (kind === "kill-group" || kind === "kill-parent") {
      const cover = { boots: [life.boot], pids: life.members() };
      await this.#record(kind, cover, () => (kind === "kill-group" ? worker.killGroup() : worker.killParent()));
      return;
    }
    const children = life.members().filter((pid) => pid !== life.pid);
    const child = children[Math.floor(whichChild * children.length)];
    if (child === undefined) return;
    await this.#record(kind, { pids: [child] }, async () => killAndAwait(child));
  }

  async #record(what: FaultKind, cover: Cover, act: () => Promise<void>): Promise<void> {
    const { ledger } = this.#options;
    this.#faults += 1;
    const fault = this.#faults;
    ledger.write("X", { extra: { fault, what, phase: "begin", ...cover } });
    this.#options.onFault(fault);
    await act();
    ledger.write("X", { extra: { fault, what, phase: "end" } });
  }
}

/** The server takes no message until it has memory again. */
async function raiseAlarm(rabbit: OwnRabbit | undefined): Promise<void> {
  await rabbit?.control("set_vm_memory_high_watermark", "absolute", "1MB");
  await pause(ALARM_MS);
  await rabbit?.control("set_vm_memory_high_watermark", "0.4");
}

/** The child is its worker's, so there is no exit event for us: look until it is gone. */
async function killAndAwait(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
    for (;;) {
      process.kill(pid, 0);
      await pause(2);
    }
  } catch {
    // gone, by our signal or before it
  }
}
