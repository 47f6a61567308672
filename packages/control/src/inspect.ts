import type { BroadcastOptions } from "./broadcast.js";
import type { Inspection } from "./inspection.js";
import { sortReplies } from "./inspection.js";
import type { ConsumedQueue, RequestInfo, ScheduledRequest, Wire } from "./node-records.js";
import { readList, readQueue, readRecord, readRequest, readScheduled, readText } from "./node-records.js";

export type InspectOptions = Omit<BroadcastOptions, "reply">;

/** Asks nodes about themselves. Every method throws like `Control.broadcast`. */
export interface Inspect {
  /** Tasks that run now. */
  active(options?: InspectOptions): Promise<Inspection<readonly RequestInfo[]>>;
  /** Tasks taken from the broker that do not run yet. */
  reserved(options?: InspectOptions): Promise<Inspection<readonly RequestInfo[]>>;
  /** Tasks that wait for their ETA. */
  scheduled(options?: InspectOptions): Promise<Inspection<readonly ScheduledRequest[]>>;
  /** Names of the tasks a node has, Celery's own (`celery.*`) left out. */
  registered(options?: InspectOptions): Promise<Inspection<readonly string[]>>;
  /** Numbers and facts, in Celery's names: `total`, `pid`, `uptime`, `pool`, `broker`, `rusage`. */
  stats(options?: InspectOptions): Promise<Inspection<Wire>>;
  /** Queues a node consumes. */
  activeQueues(options?: InspectOptions): Promise<Inspection<readonly ConsumedQueue[]>>;
}

type Broadcast = (
  method: string,
  args: Readonly<Record<string, unknown>>,
  options: InspectOptions,
) => Promise<ReadonlyMap<string, unknown>>;

export function createInspect(broadcast: Broadcast): Inspect {
  const ask =
    <T>(method: string, read: (reply: unknown) => T | undefined) =>
    async (options: InspectOptions = {}): Promise<Inspection<T>> =>
      sortReplies(await broadcast(method, {}, options), read);
  const requests = (reply: unknown): readonly RequestInfo[] | undefined => readList(reply, readRequest);
  return {
    active: ask("active", requests),
    reserved: ask("reserved", requests),
    scheduled: ask("scheduled", (reply) => readList(reply, readScheduled)),
    registered: ask("registered", (reply) => readList(reply, readText)),
    stats: ask("stats", readRecord),
    activeQueues: ask("active_queues", (reply) => readList(reply, readQueue)),
  };
}
