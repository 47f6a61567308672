/**
 * The only place that stores results, sends what follows a task, and settles messages.
 * @module
 */
import type { App, Logger, ResultRecord, Route } from "@celeriac/core";
import { BrokerError, encodeTask, optionsFromWire } from "@celeriac/core";
import { createDeadLetter } from "../quarantine/dead-letter.js";
import type { HeldRequest } from "../request/held-request.js";
import type { Effect } from "./effect.js";
import { persist } from "./persist.js";

export interface SettlerOptions {
  readonly app: App;
  readonly hostname: string;
  readonly log: Logger;
  /** Aborts on cold shutdown: outages are no longer waited for. */
  readonly cold: AbortSignal;
}

/** How long an outage of the store or broker is waited out before the message goes back. */
const GIVE_UP_MS = 60_000;

export class Settler {
  readonly #options: SettlerOptions;
  #outage = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Performs the effects in order. Never rejects: what cannot be done is undone or reported. */
  async perform(held: HeldRequest, effects: readonly Effect[]): Promise<void> {
    try {
      for (const effect of effects) await this.#persistently(() => this.#one(held, effect));
    } catch (error) {
      await this.#giveBack(held, error);
    }
  }

  /** Early ack: confirmed by the broker before the body starts. @throws BrokerError when it was not. */
  async acknowledge(held: HeldRequest): Promise<void> {
    await this.#persistently(() => held.delivery.ack());
    held.acknowledged = true;
  }

  /** Stores a state outside an ending: STARTED, custom states, REVOKED. Nothing without a backend. */
  async store(record: ResultRecord): Promise<void> {
    const { backend } = this.#options.app;
    if (backend !== undefined) await this.#persistently(() => backend.store(record));
  }

  async #one(held: HeldRequest, effect: Effect): Promise<void> {
    const { app } = this.#options;
    switch (effect.kind) {
      case "store":
        await app.backend?.store(effect.record);
        return;
      case "ack":
        await held.delivery.ack();
        held.acknowledged = true;
        return;
      case "reject":
        await held.delivery.reject({ requeue: effect.requeue });
        return;
      case "call":
        await this.#call(held, effect);
        return;
      case "resend":
        await app.broker.publish(encodeTask(effect.task, this.#codecOf(held)), this.#routeOf(held, effect.overrides));
        return;
      case "dead-letter":
        await app.broker.deadLetters.add(
          createDeadLetter(held.delivery, {
            ...effect,
            worker: this.#options.hostname,
            atMs: app.clock.now(),
            taskId: held.request.id,
            taskName: held.request.task,
          }),
        );
        return;
    }
  }

  async #call(held: HeldRequest, effect: Extract<Effect, { kind: "call" }>): Promise<void> {
    const { request } = held;
    const parents = { rootId: request.rootId, parentId: request.id };
    const embed = effect.rest === null ? undefined : { chain: effect.rest };
    await this.#options.app.sendSignature(effect.signature, effect.args, parents, embed);
  }

  /** A retry travels as the message came: same serializer, same compression. */
  #codecOf(held: HeldRequest): Parameters<typeof encodeTask>[1] {
    const { serializers, compressions } = this.#options.app;
    const { message } = held.request;
    const compression = message.headers.compression;
    return {
      serializer: serializers.byContentType(message.contentType) ?? serializers.byName("json"),
      ...(typeof compression === "string" ? { compression: compressions.byName(compression) } : {}),
    };
  }

  #routeOf(held: HeldRequest, overrides: Readonly<Record<string, unknown>>): Route {
    if (Object.keys(overrides).length === 0) return { exchange: "", routingKey: held.delivery.queue };
    const { request } = held;
    return this.#options.app.router.route({
      name: request.task,
      args: request.args,
      kwargs: request.kwargs,
      options: optionsFromWire(overrides),
    }).route;
  }

  /** The outcome could not be made durable. An unacknowledged message goes back; an acknowledged one is reported lost. */
  async #giveBack(held: HeldRequest, error: unknown): Promise<void> {
    const { log } = this.#options;
    const fields = { taskId: held.request.id, task: held.request.task, error: String(error) };
    if (error instanceof BrokerError && error.code === "LEASE_LOST") {
      log.warn(fields, "lease-lost: another worker may have run this task too");
      return;
    }
    if (held.acknowledged || !held.ack.late) {
      log.error(fields, "result-lost: the outcome of an acknowledged task could not be stored");
      return;
    }
    log.error(fields, "the outcome could not be stored; the message goes back to its queue");
    await held.delivery.reject({ requeue: true }).catch((failure: unknown) => {
      log.error(
        { ...fields, error: String(failure) },
        "the message could not be put back; it returns when its visibility timeout passes",
      );
    });
  }

  async #persistently<T>(step: () => Promise<T>): Promise<T> {
    const { app, cold, log } = this.#options;
    const result = await persist(step, {
      clock: app.clock,
      giveUpMs: GIVE_UP_MS,
      signal: cold,
      onFirstFailure: (error) => {
        if (this.#outage || (error instanceof BrokerError && error.code === "LEASE_LOST")) return;
        this.#outage = true;
        log.warn({ error: String(error) }, "broker or result backend is away; outcomes wait for it");
      },
    });
    this.#outage = false;
    return result;
  }
}
