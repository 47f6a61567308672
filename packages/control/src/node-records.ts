/**
 * What nodes say of themselves, from Celery's names to ours. Replies come from whoever can write to the broker: every
 * member is checked, and what a peer leaves out is null.
 * @see PROTOCOL 10.3
 * @module
 */

/** A task in a worker's hands. */
export interface RequestInfo {
  readonly id: string;
  readonly name: string;
  /** As the node shows them: a list, or a text when it hides or shortens them. */
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly hostname: string | null;
  /** Epoch milliseconds; `null` until it runs. */
  readonly startedAtMs: number | null;
  readonly acknowledged: boolean;
  readonly deliveryInfo: {
    readonly exchange: string | null;
    readonly routingKey: string | null;
    readonly priority: number | null;
    readonly redelivered: boolean;
  };
  /** Process that runs it; `null` until it does. */
  readonly workerPid: number | null;
}

/** A task that waits for its time. */
export interface ScheduledRequest {
  /** ISO 8601. */
  readonly eta: string;
  readonly request: RequestInfo;
}

/** A queue that a node consumes. */
export interface ConsumedQueue {
  readonly name: string;
  readonly routingKey: string | null;
  readonly exchange: { readonly name: string | null; readonly type: string | null };
}

export type Wire = Readonly<Record<string, unknown>>;

export function readRecord(value: unknown): Wire | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Wire) : undefined; // checked here
}

/** A list whose items can all be read; `undefined` for anything else. */
export function readList<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const item of value) {
    const known = read(item);
    if (known === undefined) return undefined;
    items.push(known);
  }
  return items;
}

export function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function readRequest(value: unknown): RequestInfo | undefined {
  const wire = readRecord(value);
  if (wire === undefined || typeof wire.id !== "string" || typeof wire.name !== "string") return undefined;
  const delivery = readRecord(wire.delivery_info) ?? {};
  const startedAt = numberOf(wire.time_start);
  return {
    id: wire.id,
    name: wire.name,
    args: wire.args ?? null,
    kwargs: wire.kwargs ?? null,
    hostname: textOf(wire.hostname),
    startedAtMs: startedAt === null ? null : startedAt * 1000,
    acknowledged: wire.acknowledged === true,
    deliveryInfo: {
      exchange: textOf(delivery.exchange),
      routingKey: textOf(delivery.routing_key),
      priority: numberOf(delivery.priority),
      redelivered: delivery.redelivered === true,
    },
    workerPid: numberOf(wire.worker_pid),
  };
}

export function readScheduled(value: unknown): ScheduledRequest | undefined {
  const wire = readRecord(value);
  const request = readRequest(wire?.request);
  const eta = readText(wire?.eta);
  return request === undefined || eta === undefined ? undefined : { eta, request };
}

export function readQueue(value: unknown): ConsumedQueue | undefined {
  const wire = readRecord(value);
  const name = readText(wire?.name);
  if (wire === undefined || name === undefined) return undefined;
  const exchange = readRecord(wire.exchange) ?? {};
  return {
    name,
    routingKey: textOf(wire.routing_key),
    exchange: { name: textOf(exchange.name), type: textOf(exchange.type) },
  };
}

function textOf(value: unknown): string | null {
  return readText(value) ?? null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
