import { amqpBroker } from "@celeriac/broker-amqp";
import { createApp } from "@celeriac/core";
import type { BenchApp, BenchAppOptions } from "./bench-app.js";

/** An app on RabbitMQ without results: defaults everywhere else. */
export function createRabbitApp(url: string, queue: string, options: BenchAppOptions = {}): BenchApp {
  const app = createApp("bench", { broker: amqpBroker(url), taskDefaultQueue: queue });
  const noop = app.task(
    "bench.noop",
    { acksLate: options.acksLate ?? false, ignoreResult: true },
    options.body ?? (async (value: number) => value),
  );
  return { app, noop };
}

/** Awaits each of `count` sends, so many at once. */
export async function publishInFlight(url: string, queue: string, count: number, inFlight: number): Promise<void> {
  const { app, noop } = createRabbitApp(url, queue);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await noop.delay(next);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  await app.close();
}
