import { redisBackend } from "@celeriac/backend-redis";
import { redisBroker } from "@celeriac/broker-redis";
import type { App, Task } from "@celeriac/core";
import { createApp } from "@celeriac/core";

export interface BenchApp {
  readonly app: App;
  readonly noop: Task<[value: number], number>;
}

export interface BenchAppOptions {
  readonly acksLate?: boolean;
  readonly body?: (value: number) => Promise<number>;
}

/** An app as a user would write it: defaults everywhere. */
export function createBenchApp(url: string, queue: string, options: BenchAppOptions = {}): BenchApp {
  const app = createApp("bench", { broker: redisBroker(url), backend: redisBackend(url), taskDefaultQueue: queue });
  const noop = app.task(
    "bench.noop",
    { acksLate: options.acksLate ?? false },
    options.body ?? (async (value: number) => value),
  );
  return { app, noop };
}
