import type { HeldRequest } from "../request/held-request.js";
import type { WorkerView } from "./worker-view.js";

/** A request as `inspect active`, `reserved` and `scheduled` show it. @see PROTOCOL 10.3. */
export function requestInfo(view: WorkerView, held: HeldRequest): Readonly<Record<string, unknown>> {
  const { request, delivery } = held;
  const hides = held.definition.options.sensitive !== undefined && held.definition.options.sensitive !== false;
  return {
    id: request.id,
    name: request.task,
    args: hides ? (request.argsrepr ?? "<hidden>") : request.args,
    kwargs: hides ? (request.kwargsrepr ?? "<hidden>") : request.kwargs,
    type: request.task,
    hostname: view.hostname,
    time_start: held.startedAtMs === undefined ? null : held.startedAtMs / 1000,
    acknowledged: held.acknowledged,
    delivery_info: {
      exchange: delivery.exchange ?? "",
      routing_key: delivery.routingKey ?? delivery.queue,
      priority: request.priority,
      redelivered: delivery.redelivered,
    },
    worker_pid: held.state === "active" ? view.pool.pidOf(request.id) : null,
  };
}
