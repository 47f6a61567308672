/** What the integration tests of this package share: messages, queues, and readers that wait for events. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Consumer, Delivery, Queue, Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";

export function queueOf(name: string): Queue {
  return { name, exchange: { name, type: "direct" }, routingKey: name };
}

export function routeTo(queue: string): Route {
  return { exchange: "", routingKey: queue };
}

export function messageOf(id: string, priority = 0): Message {
  return {
    body: Buffer.from('[[],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]'),
    contentType: "application/json",
    contentEncoding: "utf-8",
    headers: { lang: "js", task: "lab.noop", id },
    properties: { correlation_id: id, reply_to: "", delivery_mode: 2, priority },
  };
}

export function idOf(delivery: Delivery | undefined): unknown {
  return delivery?.message?.headers.id;
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

/** Polls for something only the server can tell. */
export async function eventually(check: () => Promise<boolean>, withinMs = 8000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`did not happen within ${withinMs} ms: ${String(check)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const PYTHON = process.env.CELERIAC_PYTHON ?? "python3";

/** Whether a Python with kombu and its Redis client is there; says so once when not, and fails where it must be. */
export const hasKombu: boolean = (() => {
  if (spawnSync(PYTHON, ["-c", "import kombu, redis"]).status === 0) return true;
  const reason = `no kombu in "${PYTHON}": pip install "celery[redis]", or set CELERIAC_PYTHON`;
  if (process.env.CI === "true") throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return false;
})();

/** Runs `kombu_peer.py`; resolves with the JSON lines it printed, whatever its end. */
export async function kombu(...args: readonly string[]): Promise<readonly unknown[]> {
  const script = fileURLToPath(new URL("kombu_peer.py", import.meta.url));
  const peer = spawn(PYTHON, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of peer.stdout) output += String(chunk);
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
