import type { App, Logger, Queue } from "@celeriac/core";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { Pool } from "../pool/pool.js";
import type { Revocations } from "../revoke/revocations.js";
import type { LogicalClock } from "./logical-clock.js";

/** What control commands may see of a worker, and the little they may do. */
export interface WorkerView {
  readonly app: App;
  readonly hostname: string;
  readonly queues: readonly Queue[];
  readonly pool: Pool;
  readonly dispatcher: Pick<Dispatcher, "active" | "ready" | "scheduled" | "totals">;
  readonly clock: LogicalClock;
  readonly startedAtMs: number;
  readonly log: Logger;
  readonly revocations: Revocations;
  /** Ends a running task; false when it is not running here. */
  terminate(taskId: string): boolean;
  prefetchCount(): number;
  /** Begins a warm shutdown. */
  shutDown(): void;
}
