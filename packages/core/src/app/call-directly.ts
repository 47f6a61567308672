import { randomUUID } from "node:crypto";
import { bindArguments } from "../execution/arguments.js";
import { EngineContext } from "../execution/engine-context.js";
import { currentSender, runInContext } from "../execution/task-context.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import type { TaskRequest } from "../protocol/task-request.js";
import type { App } from "./app.js";
import { toWireArguments } from "./define-task.js";

/**
 * A plain call of a task: no queue and no result, but the body finds its context. Returns what the body returns and
 * throws what it throws; `retry()` throws its cause. @see Celery, `Task.__call__`.
 */
export async function callDirectly(app: App, definition: TaskDefinition, args: readonly unknown[]): Promise<unknown> {
  const wire = toWireArguments(definition.name, definition.style, args);
  const request = directRequest(definition.name, wire.args, wire.kwargs ?? {});
  const abort = new AbortController();
  const context = new EngineContext(definition, request, {
    hostname: "",
    log: app.logger,
    calledDirectly: true,
    signal: () => abort.signal,
    updateState: async () => undefined,
    now: () => app.clock.now(),
    random: Math.random,
  });
  const bound = await bindArguments(definition, request.args, request.kwargs);
  return runInContext({ context, children: [], caller: currentSender() }, () => definition.run(context, bound));
}

/** The request of a task that came with no message. */
function directRequest(task: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): TaskRequest {
  const id = randomUUID();
  return {
    id,
    task,
    args,
    kwargs,
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    etaMs: undefined,
    expiresMs: undefined,
    expires: null,
    retries: 0,
    timeLimits: [null, null],
    group: null,
    groupIndex: null,
    rootId: id,
    parentId: null,
    shadow: null,
    origin: null,
    ignoreResult: true,
    replacedTaskNesting: 0,
    stampedHeaders: null,
    stamps: {},
    argsrepr: null,
    kwargsrepr: null,
    replyTo: null,
    correlationId: id,
    priority: null,
    headers: {},
    protocol: 2,
    message: {
      body: new Uint8Array(),
      contentType: "application/json",
      contentEncoding: "utf-8",
      headers: {},
      properties: {},
    },
  };
}
