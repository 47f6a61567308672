import { amqpBroker } from "@celeriac/broker-amqp";
import { createApp } from "@celeriac/core";
import type { BenchApp } from "./bench-app.js";

/** An app whose queue is a quorum queue, so that what has an ETA waits in RabbitMQ. The argument is the moment it is due. */
export function createDelayedApp(url: string, queue: string, body: (dueMs: number) => Promise<number>): BenchApp {
  const app = createApp("bench", {
    broker: amqpBroker(url),
    taskDefaultQueue: queue,
    taskDefaultQueueType: "quorum",
  });
  const noop = app.task("bench.due", { acksLate: true, ignoreResult: true }, body);
  return { app, noop };
}
