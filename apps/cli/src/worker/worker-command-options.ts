import type { LogLevel } from "@celeriac/core";
import type { PoolName } from "./pool-names.js";

/** Options of `celeriac worker`, checked. Durations are seconds. */
export interface WorkerCommandOptions {
  readonly hostname?: string;
  readonly loglevel: LogLevel;
  readonly jsonLogs?: boolean;
  readonly include?: readonly string[];
  readonly pool?: PoolName;
  readonly concurrency?: number;
  readonly prefetchMultiplier?: number;
  readonly disablePrefetch?: boolean;
  readonly timeLimit?: number;
  readonly softTimeLimit?: number;
  readonly maxTasksPerChild?: number;
  readonly maxMemoryPerChild?: number;
  readonly queues?: readonly string[];
  readonly excludeQueues?: readonly string[];
  readonly discard?: boolean;
}

/** The options that are settings, under the settings' names: they reach prefork children with the rest. */
export function settingsOfOptions(options: WorkerCommandOptions): Readonly<Record<string, unknown>> {
  const settings = {
    workerPool: options.pool,
    workerConcurrency: options.concurrency,
    workerPrefetchMultiplier: options.prefetchMultiplier,
    workerDisablePrefetch: options.disablePrefetch,
    taskTimeLimit: options.timeLimit,
    taskSoftTimeLimit: options.softTimeLimit,
    workerMaxTasksPerChild: options.maxTasksPerChild,
    workerMaxMemoryPerChild: options.maxMemoryPerChild,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
