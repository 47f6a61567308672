import type { App } from "@celeriac/core";
import { everyType, showValue } from "../canonical-value.js";

/** Tasks about values and requests; `python/celeriac_peer/tasks.py` has the same. */
export function registerValueTasks(app: App): void {
  app.task("interop.add", { params: ["x", "y"] }, (x: number, y: number) => x + y);
  app.task("interop.mul", { params: ["x", "y"] }, (x: number, y: number) => x * y);
  app.task("interop.identity", { params: ["value"] }, (value: unknown = null) => value);
  app.task("interop.call", { bind: true, params: ["x", "y", "note", "größe"] }, ({ request }) => ({
    args: request.args,
    kwargs: request.kwargs,
  }));
  app.task("interop.show", (value: unknown) => showValue(value));
  app.task("interop.every_type", () => everyType());
  app.task("interop.side", (value: unknown = null) => ["typescript", value]);
  app.task("interop.request", { bind: true }, ({ request, hostname }) => ({
    id: request.id,
    root_id: request.rootId,
    parent_id: request.parentId,
    group: request.group,
    group_index: request.groupIndex,
    retries: request.retries,
    timelimit: request.timeLimits,
    shadow: request.shadow,
    task: request.task,
    argsrepr: request.argsrepr,
    kwargsrepr: request.kwargsrepr,
    ignore_result: request.ignoreResult,
    reply_to: request.replyTo,
    correlation_id: request.correlationId,
    hostname,
    headers: request.headers,
    replaced_task_nesting: request.replacedTaskNesting,
    stamps: request.stamps,
    protocol: request.protocol,
    priority: request.priority,
  }));
}
