/**
 * One attempt from "a slot is free" to "settled": early ack, STARTED, the body, what follows.
 * @module
 */
import type { App, Logger, ResultRecord } from "@celeriac/core";
import type { Ending, Pool } from "../pool/pool.js";
import type { HeldRequest } from "../request/held-request.js";
import type { SettlementContext } from "../settle/plan-settlement.js";
import { planSettlement, toRecord } from "../settle/plan-settlement.js";
import type { Settler } from "../settle/settler.js";

export interface AttemptRunnerOptions {
  readonly app: App;
  readonly pool: Pool;
  readonly settler: Settler;
  readonly hostname: string;
  readonly log: Logger;
}

export class AttemptRunner {
  readonly #options: AttemptRunnerOptions;

  constructor(options: AttemptRunnerOptions) {
    this.#options = options;
  }

  /**
   * Runs a request whose slot is taken. `onFinished` is called as soon as the body has ended, so that the slot serves
   * the next task while this one is stored and acknowledged. Never rejects.
   */
  async run(held: HeldRequest, onFinished: () => void): Promise<void> {
    let ending: Ending;
    try {
      if (!(await this.#begin(held))) return;
      ending = await this.#execute(held);
    } finally {
      onFinished();
    }
    this.#report(held, ending);
    await this.#options.settler.perform(held, planSettlement(held.request, ending, this.#contextOf(held)));
  }

  /** False: the message is no longer ours to run. */
  async #begin(held: HeldRequest): Promise<boolean> {
    const { settler, log } = this.#options;
    held.state = "active";
    if (!held.ack.late) {
      try {
        await settler.acknowledge(held);
      } catch (error) {
        // Unconfirmed means unknown: it stays claimed, and comes back if the ack did not get through (G3).
        log.warn(
          { taskId: held.request.id, task: held.request.task, error: String(error) },
          "the ack was not confirmed; the task is not started here",
        );
        return false;
      }
    }
    held.startedAtMs = this.#options.app.clock.now();
    return true;
  }

  async #execute(held: HeldRequest): Promise<Ending> {
    const { app, pool, hostname } = this.#options;
    const { request, definition } = held;
    if (this.#tracksStart(held)) {
      const started = { pid: pool.pidOf(request.id) ?? process.pid, hostname };
      await this.#storeState(held, "STARTED", JSON.stringify(started));
    }
    return pool.run({
      definition,
      request,
      hostname,
      timeLimit: request.timeLimits[0] ?? app.settings.taskTimeLimit,
      softTimeLimit: request.timeLimits[1] ?? app.settings.taskSoftTimeLimit,
      updateState: (state, meta) => this.#storeState(held, state, meta),
    });
  }

  #tracksStart(held: HeldRequest): boolean {
    const { app } = this.#options;
    return (held.definition.options.trackStarted ?? app.settings.taskTrackStarted) && !this.#ignoresResult(held);
  }

  async #storeState(held: HeldRequest, state: string, meta: string): Promise<void> {
    const record: ResultRecord = toRecord(held.request, state, meta, null, null, this.#contextOf(held));
    try {
      await this.#options.settler.store(record);
    } catch (error) {
      this.#options.log.warn(
        { taskId: held.request.id, state, error: String(error) },
        "a progress state could not be stored",
      );
    }
  }

  #ignoresResult(held: HeldRequest): boolean {
    const { app } = this.#options;
    return (
      app.backend === undefined ||
      held.request.ignoreResult ||
      (held.definition.options.ignoreResult ?? app.settings.taskIgnoreResult)
    );
  }

  #contextOf(held: HeldRequest): SettlementContext {
    const { app, hostname } = this.#options;
    return {
      ack: held.ack,
      settings: app.settings,
      ignoreResult: this.#ignoresResult(held),
      storeErrors:
        app.backend !== undefined &&
        (held.definition.options.storeErrorsEvenIfIgnored ?? app.settings.taskStoreErrorsEvenIfIgnored),
      hostname,
      queue: held.delivery.queue,
      nowMs: app.clock.now(),
    };
  }

  #report(held: HeldRequest, ending: Ending): void {
    const { log, app } = this.#options;
    const fields = {
      taskId: held.request.id,
      task: held.request.task,
      runtimeMs: app.clock.now() - (held.startedAtMs ?? app.clock.now()),
    };
    switch (ending.kind) {
      case "success":
        log.debug(fields, "task succeeded");
        return;
      case "failure": {
        const error = `${ending.exception.exc_type}: ${ending.exception.exc_message.map(String).join(", ")}`;
        if (ending.expected) log.info({ ...fields, error }, "task failed as expected");
        else log.error({ ...fields, error, traceback: ending.traceback }, "task failed");
        return;
      }
      case "retry":
        log.info(
          {
            ...fields,
            reason: ending.exception.exc_message.map(String).join(", "),
            inMs: ending.plan.dueAtMs - app.clock.now(),
          },
          "task will be retried",
        );
        return;
      case "timeout":
        log.error({ ...fields, limitSeconds: ending.limitSeconds }, "task stopped: hard time limit");
        return;
      case "lost":
        log.error({ ...fields, reason: ending.reason }, "the process running a task was lost");
        return;
      case "ignore":
      case "reject":
        log.info(
          { ...fields, reason: ending.reason },
          `task asked to be ${ending.kind === "ignore" ? "ignored" : "rejected"}`,
        );
    }
  }
}
