/** What the integration tests of this package share: messages, queues, and readers that wait for events. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Broker, Consumer, Delivery, Queue, Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { TestContext } from "vitest";
import { createVirtualHost, type VirtualHost } from "../../amqp-connection/test/rabbit.js";
import type { AmqpBrokerOptions } from "../src/index.js";
import { amqpBroker } from "../src/index.js";

export function queueOf(name: string, more: Partial<Queue> = {}): Queue {
  return { name, exchange: { name, type: "direct" }, routingKey: name, ...more };
}

export function quorumQueueOf(name: string): Queue {
  return queueOf(name, { arguments: { "x-queue-type": "quorum" } });
}

export function routeTo(queue: Queue): Route {
  return { exchange: "", routingKey: queue.name, queue };
}

export function messageOf(id: string, headers: Readonly<Record<string, unknown>> = {}): Message {
  return {
    body: Buffer.from('[[],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]'),
    contentType: "application/json",
    contentEncoding: "utf-8",
    headers: { lang: "js", task: "lab.noop", id, ...headers },
    properties: { correlation_id: id, reply_to: "", delivery_mode: 2, priority: 0 },
  };
}

export function idOf(delivery: Delivery | undefined): unknown {
  return delivery?.message?.headers.id;
}

/** A virtual host and the brokers opened on it; `close` ends all of them. */
export interface Lab {
  readonly host: VirtualHost;
  broker(options?: AmqpBrokerOptions, url?: string): Broker;
  close(): Promise<void>;
}

/** A lab that a test which runs beside others has for itself; it ends with the test. */
export async function openOwnLab({ onTestFinished }: Pick<TestContext, "onTestFinished">): Promise<Lab> {
  const lab = await openLab();
  onTestFinished(() => lab.close());
  return lab;
}

export async function openLab(): Promise<Lab> {
  const host = await createVirtualHost();
  const opened: Broker[] = [];
  return {
    host,
    broker: (options, url = host.url) => {
      const broker = amqpBroker(url, { onWarning: () => undefined, ...options });
      opened.push(broker);
      return broker;
    },
    close: async () => {
      await Promise.all(opened.map((broker) => broker[Symbol.asyncDispose]()));
    },
  };
}

/** Reads exactly `count` deliveries. Rejects as the consumer does. */
export async function take(consumer: Consumer, count: number): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  const batches = consumer[Symbol.asyncIterator]();
  while (deliveries.length < count) {
    const step = await batches.next();
    if (step.done === true) throw new Error(`the consumer ended after ${deliveries.length} of ${count} deliveries`);
    deliveries.push(...step.value);
  }
  return deliveries;
}

/** The one delivery of a consumer with a window of 1. */
export async function takeOne(consumer: Consumer): Promise<Delivery> {
  const [delivery, ...others] = await take(consumer, 1);
  if (delivery === undefined || others.length > 0) throw new Error(`${others.length} deliveries more than one`);
  return delivery;
}

/** Reads and acknowledges until everything wanted has been seen; resolves with all ids, in their order. */
export async function takeUntil(consumer: Consumer, wanted: Iterable<unknown>): Promise<readonly unknown[]> {
  const missing = new Set(wanted);
  const ids: unknown[] = [];
  for await (const batch of consumer) {
    for (const delivery of batch) {
      ids.push(idOf(delivery));
      missing.delete(idOf(delivery));
    }
    await Promise.all(batch.map((delivery) => delivery.ack()));
    if (missing.size === 0) break;
  }
  return ids;
}

/** Polls for something only the server can tell. */
export async function eventually(check: () => Promise<boolean>, withinMs = 8000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`did not happen within ${withinMs} ms: ${String(check)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const PYTHON = process.env.CELERIAC_PYTHON ?? "python3";

/** Whether a Python with Celery is there; says so once when not, and fails where it must be. */
export const hasCelery: boolean = (() => {
  if (spawnSync(PYTHON, ["-c", "import celery.worker.consumer.delayed_delivery"]).status === 0) return true;
  const reason = `no Celery 5.5 or later in "${PYTHON}": pip install celery, or set CELERIAC_PYTHON`;
  if (process.env.CI === "true") throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return false;
})();

/** Runs `celery_peer.py`; resolves with the JSON lines it printed. @throws Error when it fails. */
export async function celery(...args: readonly string[]): Promise<readonly unknown[]> {
  const script = fileURLToPath(new URL("celery_peer.py", import.meta.url));
  const peer = spawn(PYTHON, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of peer.stdout) output += String(chunk);
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
