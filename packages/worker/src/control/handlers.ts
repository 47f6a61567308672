/**
 * The control commands this worker answers, under Celery's names. Each gets the worker and the request's arguments and
 * returns the reply; `undefined` sends none. @see PROTOCOL 10.3.
 * @module
 */
import { humanize, maskSettings } from "@celeriac/core";
import { requestInfo } from "./request-info.js";
import { revoke, revokeByStampedHeaders, revoked, terminate } from "./revoke-handlers.js";
import { workerStats } from "./stats.js";
import { queryTask, registered } from "./task-handlers.js";
import type { WorkerView } from "./worker-view.js";

export type ControlHandler = (view: WorkerView, args: Readonly<Record<string, unknown>>) => unknown;

const active: ControlHandler = (view) => [...view.dispatcher.active].map((held) => requestInfo(view, held));

/** Taken and waiting for a slot; tasks held for their ETA are `scheduled`, as in Celery. */
const reserved: ControlHandler = (view) => [...view.dispatcher.ready].map((held) => requestInfo(view, held));

const scheduled: ControlHandler = (view) =>
  view.dispatcher.scheduled.map(({ dueMs, value }) => ({
    eta: isoEta(value.request.message.headers.eta, dueMs),
    priority: 6, // the priority of Celery's own timer entries; monitors show it and nothing reads it
    request: requestInfo(view, value),
  }));

/** Python's form, with the microseconds that the header has and a Date has not. */
function isoEta(header: unknown, dueMs: number): string {
  const micros = typeof header === "string" ? (/\.\d{3}(\d{3})/.exec(header)?.[1] ?? "000") : "000";
  const text = `${new Date(dueMs).toISOString().slice(0, -1)}${micros}`;
  return `${text.replace(/\.000000$/, "")}+00:00`; // isoformat() leaves out a fraction of nothing
}

const activeQueues: ControlHandler = (view) =>
  view.queues.map((queue) => ({
    name: queue.name,
    exchange: {
      name: queue.exchange.name,
      type: queue.exchange.type,
      arguments: queue.exchange.arguments ?? null,
      durable: queue.exchange.durable ?? true,
      passive: false,
      auto_delete: queue.exchange.autoDelete ?? false,
      delivery_mode: null,
      no_declare: false,
    },
    routing_key: queue.routingKey,
    queue_arguments: queue.arguments ?? null,
    binding_arguments: null,
    consumer_arguments: null,
    durable: queue.durable ?? true,
    exclusive: queue.exclusive ?? false,
    auto_delete: queue.autoDelete ?? false,
    no_ack: false,
    alias: null,
    bindings: [],
    no_declare: null,
    expires: queue.expiresMs === undefined ? null : queue.expiresMs / 1000,
    message_ttl: queue.messageTtlMs === undefined ? null : queue.messageTtlMs / 1000,
    max_length: null,
    max_length_bytes: null,
    max_priority: queue.maxPriority ?? null,
  }));

/** What a Python worker lists even when it stands at its default, because it sets it when it starts. */
const ALWAYS_LISTED = [
  "accept_content",
  "broker_heartbeat",
  "broker_url",
  "deprecated_settings",
  "enable_utc",
  "include",
  "result_backend",
  "timezone",
  "worker_hijack_root_logger",
  "worker_log_color",
];

/** Settings without any secret. */
const conf: ControlHandler = (view, args) => {
  const all = travelling(maskSettings(view.app.settings, { withDefaults: true }));
  if (args.with_defaults === true) return all;
  const always = ALWAYS_LISTED.map((name) => [name, all[name] ?? null]);
  return { ...Object.fromEntries(always), ...travelling(maskSettings(view.app.settings)) };
};

/** "Without limit" is a number of its own, which JSON does not have. */
function travelling(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value === Number.POSITIVE_INFINITY ? "Infinity" : value]),
  );
}

const shutdown: ControlHandler = (view) => {
  view.shutDown();
  return undefined;
};

/** A map, so that no name from outside (`constructor`, `__proto__`) finds anything but a command. */
export const controlHandlers: ReadonlyMap<string, ControlHandler> = new Map<string, ControlHandler>([
  ["ping", () => ({ ok: "pong" })],
  ["stats", workerStats],
  ["active", active],
  ["dump_active", active],
  ["reserved", reserved],
  ["dump_reserved", reserved],
  ["scheduled", scheduled],
  ["dump_schedule", scheduled],
  ["registered", registered],
  ["dump_tasks", registered],
  ["query_task", queryTask],
  ["active_queues", activeQueues],
  ["clock", (view) => ({ clock: view.clock.value })],
  ["report", (view) => ({ ok: humanize(view.app.settings) })],
  ["conf", conf],
  ["shutdown", shutdown],
  ["revoke", revoke],
  ["terminate", terminate],
  ["revoke_by_stamped_headers", revokeByStampedHeaders],
  ["revoked", revoked],
  ["dump_revoked", revoked],
]);
