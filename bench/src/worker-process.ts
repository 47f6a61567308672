/**
 * The worker side of a measurement, in a process of its own: told what to be and what to consume over IPC, it says when
 * it is ready, and when the first task of a drain starts.
 * @module
 */
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { drainAcking } from "./floor/amqp.js";
import { drain } from "./floor/drain.js";
import { answer, answerBare, answerTaking } from "./floor/round-trip.js";
import { createRabbitApp } from "./ours/amqp.js";
import { createBenchApp } from "./ours/bench-app.js";

/** What the driver may ask for. */
export type WorkerRole = RoundTripRole | "amqp-floor" | "amqp" | "amqp-late";

/** On Redis. */
export type RoundTripRole = "bare" | "floor" | "floor-taking" | "floor-late" | "ours" | "ours-late";

export type ToWorker =
  | {
      readonly type: "drain";
      readonly role: WorkerRole;
      readonly url: string;
      readonly queue: string;
      readonly count: number;
    }
  | { readonly type: "answer"; readonly role: RoundTripRole; readonly url: string; readonly queue: string };

export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "first" }
  | { readonly type: "drained"; readonly cpuMs: number; readonly rssMb: number };

/** What our worker with 100 slots asks for. */
const PREFETCH = 400;

function say(message: FromWorker): void {
  process.send?.(message);
}

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  const order = message as ToWorker; // only the driver writes here
  void (order.type === "drain" ? drainQueue(order) : answerQueue(order));
});
say({ type: "ready" });

async function drainQueue(order: Extract<ToWorker, { type: "drain" }>): Promise<void> {
  const { role, url, queue, count } = order;
  let started = 0;
  let finished: () => void = () => undefined;
  const allStarted = new Promise<void>((resolve) => {
    finished = resolve;
  });
  let cpu = process.cpuUsage();
  const body = async (value: number): Promise<number> => {
    started += 1;
    if (started === 1) {
      cpu = process.cpuUsage();
      say({ type: "first" });
    }
    if (started === count) finished();
    return value;
  };
  const run = (args: readonly unknown[]): Promise<number> => body(Number(args[0]));
  if (role === "floor") {
    await drain(url, queue, count, run);
  } else if (role === "amqp-floor") {
    await drainAcking(url, queue, count, PREFETCH, run);
  } else {
    const create = role === "amqp" || role === "amqp-late" ? createRabbitApp : createBenchApp;
    const { app } = create(url, queue, { acksLate: role === "ours-late" || role === "amqp-late", body });
    const worker = createWorker(app, { pool: asyncPool({ concurrency: 100 }), remoteControl: false });
    await worker.start();
    await allStarted;
    await worker.stop();
    await app.close();
  }
  const used = process.cpuUsage(cpu);
  say({ type: "drained", cpuMs: (used.user + used.system) / 1000, rssMb: process.memoryUsage.rss() / 2 ** 20 });
}

async function answerQueue(order: Extract<ToWorker, { type: "answer" }>): Promise<void> {
  const { role, url, queue } = order;
  const forever = new AbortController().signal;
  if (role === "bare") return answerBare(url, queue, forever);
  if (role === "floor-taking") return answerTaking(url, queue, forever);
  if (role === "floor" || role === "floor-late")
    return answer(url, queue, role === "floor" ? "early" : "late", forever);
  const { app } = createBenchApp(url, queue, { acksLate: role === "ours-late" });
  const worker = createWorker(app, { pool: asyncPool({ concurrency: 100 }), remoteControl: false });
  await worker.run();
}
