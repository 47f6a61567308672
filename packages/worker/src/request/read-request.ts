import type { App, ReadableDelivery, TaskDefinition } from "@celeriac/core";
import { decodeTask, nearest } from "@celeriac/core";
import { builtinTasks } from "../builtin/builtin-tasks.js";
import type { HeldRequest } from "./held-request.js";
import type { TaskPolicy } from "./task-policy.js";
import { taskPolicyOf } from "./task-policy.js";
import { UnknownTaskError } from "./unknown-task.js";

/** Turns deliveries into requests, for one app. What stays the same for all messages is looked up once. */
export class RequestReader {
  readonly #app: App;
  readonly #accept: ReadonlySet<string>;
  readonly #policies = new Map<TaskDefinition, TaskPolicy>();
  readonly #builtins: ReadonlyMap<string, TaskDefinition>;

  constructor(app: App) {
    this.#app = app;
    this.#builtins = builtinTasks(app);
    this.#accept = app.serializers.accept(app.settings.acceptContent);
  }

  /**
   * @throws DecodeError for a message that cannot be read, UnknownTaskError for a task this app does not have.
   */
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
    const definition = tasks.get(request.task) ?? this.#builtins.get(request.task);
    if (definition === undefined) throw new UnknownTaskError(request, nearest(request.task, tasks.keys()));
    return {
      delivery,
      request,
      definition,
      policy: this.#policyOf(definition),
      state: "reserved",
      acknowledged: false,
      startedAtMs: undefined,
    };
  }

  #policyOf(definition: TaskDefinition): TaskPolicy {
    let policy = this.#policies.get(definition);
    if (policy === undefined) {
      policy = taskPolicyOf(definition, this.#app.settings, this.#app.backend);
      this.#policies.set(definition, policy);
    }
    return policy;
  }
}
