/**
 * One attempt from "a slot is free" to "settled": early ack, STARTED, the body, what follows.
 * @module
 */
import type { App, Clock, Logger, ResultRecord } from "@celeriac/core";
import { encodeException, formatTraceback } from "@celeriac/core";
import type { Ending, Pool } from "../pool/pool.js";
import type { HeldRequest } from "../request/held-request.js";
import type { Effect } from "../settle/effect.js";
import type { SettledEnding, SettlementContext } from "../settle/plan-settlement.js";
import { planPoisoned, planRevocation, planSettlement } from "../settle/plan-settlement.js";
import type { Settler } from "../settle/settler.js";
import { LossCounter } from "./loss-counter.js";
import { reportEnding } from "./report-ending.js";
import type { AttemptHost } from "./task-attempt.js";
import { TaskAttempt } from "./task-attempt.js";

export interface AttemptRunnerOptions {
  readonly app: App;
  readonly pool: Pool;
  readonly settler: Settler;
  readonly hostname: string;
  readonly log: Logger;
}

export class AttemptRunner implements AttemptHost {
  readonly hostname: string;
  readonly clock: Clock;
  readonly #options: AttemptRunnerOptions;
  readonly #losses = new LossCounter();

  constructor(options: AttemptRunnerOptions) {
    this.hostname = options.hostname;
    this.clock = options.app.clock;
    this.#options = options;
  }

  /**
   * Runs a request whose slot is taken. `onEnded` is called as soon as the body has ended, so that the slot serves the next
   * task while this one is stored and acknowledged. Never rejects.
   */
  async run(held: HeldRequest, onEnded: (held: HeldRequest) => void): Promise<void> {
    const { pool, settler, log } = this.#options;
    const attempt = new TaskAttempt(held, this);
    let ending: Ending;
    try {
      ending = await pool.run(attempt);
    } catch (error) {
      ending = { kind: "lost", reason: `The pool failed: ${String(error)}` }; // a pool's fault must not become ours
    } finally {
      if (held.state === "active") held.state = "ended";
      onEnded(held);
    }
    if (ending.kind === "unstarted") {
      if (held.state !== "settled") await settler.restore(held);
      return;
    }
    if (attempt.reports !== undefined) await attempt.reports;
    if (ending.kind === "lost") ending = { ...ending, losses: this.#countLoss(held) };
    else this.#losses.forget(held.request.id);
    reportEnding(log, held, ending, this.clock.now());
    await settler.perform(held, this.#plan(held, ending));
  }

  /** Drops a request that is too late to run, revoked, or that nobody has survived so far. Never rejects. */
  async drop(held: HeldRequest, reason: "expired" | "revoked" | "poisoned"): Promise<void> {
    const { settler, log } = this.#options;
    const fields = { taskId: held.request.id, task: held.request.task };
    const context = this.recordContext(held);
    if (reason === "poisoned") {
      log.error(
        { ...fields, deliveries: held.delivery.deliveryCount },
        "task delivered too often; it is not run again",
      );
      await settler.perform(held, planPoisoned(held.request, context, held.delivery.deliveryCount));
      return;
    }
    log.info(fields, `task ${reason} before it could run`);
    await settler.perform(held, planRevocation(held.request, reason, context));
  }

  async giveUp(held: HeldRequest): Promise<void> {
    const { settler, log } = this.#options;
    const fields = { taskId: held.request.id, task: held.request.task };
    log.info(fields, "the message may be another worker's by now; the task is not started here");
    await settler.abandon(held);
  }

  acknowledge(held: HeldRequest): Promise<boolean> {
    return this.#options.settler.acknowledge(held);
  }

  async storeState(held: HeldRequest, record: ResultRecord): Promise<void> {
    const { settler, log } = this.#options;
    try {
      await settler.store(record);
    } catch (error) {
      const fields = { taskId: held.request.id, state: record.status, error: String(error) };
      log.warn(fields, "a state reported by a task could not be stored");
    }
  }

  recordContext(held: HeldRequest): SettlementContext {
    const { app, hostname } = this.#options;
    const { policy, delivery } = held;
    return {
      policy,
      settings: app.settings,
      tasks: app.tasks,
      hostname,
      queue: delivery.queue,
      nowMs: this.clock.now(),
    };
  }

  /** What this worker has seen, or what the broker has counted over all workers. */
  #countLoss({ request, delivery }: HeldRequest): number {
    return Math.max(this.#losses.count(request.id), (delivery.deliveryCount ?? 0) + 1);
  }

  #plan(held: HeldRequest, ending: SettledEnding): readonly Effect[] {
    const context = this.recordContext(held);
    try {
      return planSettlement(held.request, ending, context);
    } catch (error) {
      const failure = { exception: encodeException(error), traceback: formatTraceback(error) };
      return planSettlement(held.request, { kind: "failure", ...failure, children: [], expected: false }, context);
    }
  }
}
