import type { App, ReadableDelivery, TaskDefinition } from "@celeriac/core";
import { decodeTask, NotRegistered, nearest } from "@celeriac/core";
import { ackPolicyOf } from "./ack-policy.js";
import type { HeldRequest } from "./held-request.js";

/** Turns deliveries into requests, for one app. What stays the same for all messages is looked up once. */
export class RequestReader {
  readonly #app: App;
  readonly #accept: ReadonlySet<string>;
  readonly #policies = new Map<TaskDefinition, HeldRequest["ack"]>();

  constructor(app: App) {
    this.#app = app;
    this.#accept = app.serializers.accept(app.settings.acceptContent);
  }

  /** @throws DecodeError for a message that cannot be read, NotRegistered for a task this app does not have. */
  read(delivery: ReadableDelivery): HeldRequest {
    const { serializers, compressions, settings, clock, tasks } = this.#app;
    const request = decodeTask(delivery.message, {
      serializers,
      compressions,
      acceptContent: this.#accept,
      maxBodyBytes: settings.maxBodyBytes,
      maxEtaMs: settings.maxEta * 1000,
      nowMs: clock.now(),
    });
    const definition = tasks.get(request.task);
    if (definition === undefined) throw new NotRegistered(request.task, nearest(request.task, tasks.keys()));
    return {
      delivery,
      request,
      definition,
      ack: this.#policyOf(definition),
      state: "reserved",
      acknowledged: false,
      startedAtMs: undefined,
    };
  }

  #policyOf(definition: TaskDefinition): HeldRequest["ack"] {
    let policy = this.#policies.get(definition);
    if (policy === undefined) {
      policy = ackPolicyOf(definition, this.#app.settings);
      this.#policies.set(definition, policy);
    }
    return policy;
  }
}
