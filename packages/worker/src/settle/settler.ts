/**
 * The only place that stores results, sends what follows a task, and settles messages.
 * @module
 */
import type { App, Logger, ResultRecord, Route } from "@celeriac/core";
import {
  BrokerError,
  encodeException,
  encodeJson,
  encodeTask,
  formatTraceback,
  isRetryable,
  optionsFromWire,
} from "@celeriac/core";
import { createDeadLetter } from "../quarantine/dead-letter.js";
import type { HeldRequest } from "../request/held-request.js";
import { storesErrors } from "../request/task-policy.js";
import type { ShutdownSignals } from "../shutdown.js";
import type { Aftermath } from "./aftermath.js";
import type { Effect } from "./effect.js";
import { persist, persistAfter } from "./persist.js";
import { toRecord } from "./to-record.js";

export interface SettlerOptions {
  readonly app: App;
  readonly hostname: string;
  readonly log: Logger;
  readonly shutdown: ShutdownSignals;
  readonly aftermath: Aftermath;
}

const REFUSED_PAUSE_MS = 500;
const ACK: Effect = { kind: "ack" };

export class Settler {
  readonly #options: SettlerOptions;
  #isOutage = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Performs the effects in order. Never rejects: what cannot be done is undone or reported. */
  async perform(held: HeldRequest, effects: readonly Effect[]): Promise<void> {
    try {
      await this.#all(held, effects);
    } catch (error) {
      if (isLeaseLost(error))
        this.#options.log.warn(fieldsOf(held, error), "lease-lost: another worker may run it too");
      else if (isRetryable(error) || this.#options.shutdown.cold.aborted) await this.#giveBack(held, error);
      else await this.#refuse(held, error);
    }
  }

  /**
   * Early ack: confirmed by the broker before the body starts.
   * @returns False when it was not, and the body must not start: the message went back, or is another worker's.
   */
  async acknowledge(held: HeldRequest): Promise<boolean> {
    try {
      await this.#do(held, ACK);
      return true;
    } catch (error) {
      const { app, shutdown, log } = this.#options;
      if (isLeaseLost(error)) {
        log.warn(
          fieldsOf(held, error),
          "the ack was not confirmed and the claim is gone; the task is not started here: unless the broker has taken the ack, another worker starts it",
        );
        return false;
      }
      log.warn(fieldsOf(held, error), "the ack was not confirmed; the task is not started here");
      await app.clock.sleep(REFUSED_PAUSE_MS, shutdown.warm); // it comes straight back: the broker gets a moment
      await this.restore(held);
      return false;
    }
  }

  /** Stores a state outside an ending: STARTED, custom states. Nothing without a backend. @throws BackendError */
  async store(record: ResultRecord): Promise<void> {
    const { backend, clock } = this.#options.app;
    const { shutdown } = this.#options;
    const onFirstFailure = (error: unknown): void => this.#reportOutage(error);
    if (backend !== undefined) await persist(() => backend.store(record), { clock, shutdown, onFirstFailure });
  }

  /** Gives back a message that was never started. Never rejects. */
  async restore(held: HeldRequest): Promise<void> {
    try {
      await held.delivery.restore();
    } catch (error) {
      this.#options.log.warn(fieldsOf(held, error), "a message could not be given back; its visibility timeout will");
    }
  }

  /** Leaves a message that was never started to whoever has it by now; it goes back if it is still ours. Never rejects. */
  async abandon(held: HeldRequest): Promise<void> {
    try {
      await held.delivery.restore();
    } catch (error) {
      // What could not be asked, the end of the lease answers.
      if (!isLeaseLost(error)) this.#options.log.debug(fieldsOf(held, error), "a lost message could not be given back");
    }
  }

  async #all(held: HeldRequest, effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) await this.#do(held, effect);
  }

  async #do(held: HeldRequest, effect: Effect): Promise<void> {
    let first: unknown;
    try {
      await this.#one(held, effect, 0);
      return;
    } catch (error) {
      first = error;
    }
    const { app, shutdown } = this.#options;
    await persistAfter(first, (failures) => this.#one(held, effect, failures), {
      clock: app.clock,
      shutdown,
      onFirstFailure: (error) => this.#reportOutage(error),
    });
    this.#isOutage = false;
  }

  async #one(held: HeldRequest, effect: Effect, failures: number): Promise<void> {
    const { app, aftermath } = this.#options;
    switch (effect.kind) {
      case "ack":
        await this.#ack(held, failures);
        return;
      case "reject":
        await held.delivery.reject({ requeue: effect.requeue, counts: effect.counts ?? true });
        return;
      case "restore":
        await held.delivery.restore();
        return;
      case "resend":
        await app.broker.publish(encodeTask(effect.task, this.#codecOf(held)), this.#routeOf(held, effect.overrides));
        return;
      case "dead-letter":
        await this.#keep(held, effect.reason, effect.detail);
        return;
      default:
        await aftermath.perform(effect, held.request);
    }
  }

  async #ack(held: HeldRequest, failures: number): Promise<void> {
    try {
      await held.delivery.ack();
    } catch (error) {
      // No claim left after an ack whose answer was lost: most likely it got through. With late ack nothing depends on it any
      // more; a body that has not started yet might be running elsewhere instead, and only the adapter could know (G3).
      if (failures === 0 || !held.policy.ack.late || !isLeaseLost(error)) throw error;
    }
    held.acknowledged = true;
  }

  async #keep(held: HeldRequest, reason: string, detail: string): Promise<void> {
    const { app, hostname: worker } = this.#options;
    const { id: taskId, task: taskName } = held.request;
    const details = { reason, detail, worker, atMs: app.clock.now(), taskId, taskName };
    await app.broker.deadLetters.add(createDeadLetter(held.delivery, details));
  }

  /** A retry travels as the message came: same serializer, same compression. */
  #codecOf(held: HeldRequest): Parameters<typeof encodeTask>[1] {
    const { serializers, compressions } = this.#options.app;
    const { message } = held.request;
    const header = message.headers.compression;
    const compression = typeof header === "string" ? compressions.byHeader(header) : undefined;
    return {
      serializer: serializers.byContentType(message.contentType) ?? serializers.byName("json"),
      ...(compression === undefined ? {} : { compression }),
    };
  }

  #routeOf(held: HeldRequest, overrides: Readonly<Record<string, unknown>>): Route {
    if (Object.keys(overrides).length === 0) return { exchange: "", routingKey: held.delivery.queue };
    const { task: name, args, kwargs } = held.request;
    return this.#options.app.router.route({ name, args, kwargs, options: optionsFromWire(overrides) }).route;
  }

  /** The outcome could not be made durable in time. An unacknowledged message goes back; else the loss is reported. */
  async #giveBack(held: HeldRequest, error: unknown): Promise<void> {
    const { log } = this.#options;
    if (held.acknowledged || !held.policy.ack.late) {
      log.error(fieldsOf(held, error), "result-lost: the outcome of an acknowledged task could not be stored");
      return;
    }
    log.error(fieldsOf(held, error), "the outcome could not be stored; the message goes back to its queue");
    await this.restore(held);
  }

  /**
   * The outcome will never be made durable: a callback to a queue that may not exist, a result the store refuses. Running
   * the task again would end the same way, so the message is kept, the task fails, and the queue goes on.
   */
  async #refuse(held: HeldRequest, error: unknown): Promise<void> {
    const { log } = this.#options;
    log.error(fieldsOf(held, error), "what follows the task is impossible; the message is kept as a dead letter");
    const detail = error instanceof Error ? error.message : String(error);
    try {
      await this.#all(held, [{ kind: "dead-letter", reason: "SETTLEMENT_FAILED", detail }]);
      await this.#storeRefusal(held, error);
      if (!held.acknowledged) await this.#do(held, ACK);
    } catch (failure) {
      if (!isLeaseLost(failure)) await this.#giveBack(held, failure);
    }
  }

  async #storeRefusal(held: HeldRequest, error: unknown): Promise<void> {
    const { app, hostname, log } = this.#options;
    if (!storesErrors(held.request, held.policy)) return;
    const context = { settings: app.settings, hostname, queue: held.delivery.queue, nowMs: app.clock.now() };
    const result = encodeJson(encodeException(error));
    const state = { status: "FAILURE", result, traceback: formatTraceback(error) };
    try {
      await this.#all(held, [{ kind: "store", record: toRecord(held.request, state, context) }]);
    } catch (failure) {
      if (isRetryable(failure)) throw failure;
      log.error(fieldsOf(held, failure), "result-lost: the store refuses the failure too");
    }
  }

  #reportOutage(error: unknown): void {
    if (this.#isOutage || !isRetryable(error)) return;
    this.#isOutage = true;
    this.#options.log.warn({ error: String(error) }, "broker or result backend is away; outcomes wait for it");
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof BrokerError && error.code === "LEASE_LOST";
}

function fieldsOf({ request }: HeldRequest, error: unknown): Readonly<Record<string, unknown>> {
  return { taskId: request.id, task: request.task, error: String(error) };
}
