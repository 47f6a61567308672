import * as floor from "../floor/amqp.js";
import type { Measurement } from "../measure.js";
import { rate } from "../measure.js";
import * as ours from "../ours/amqp.js";
import type { RabbitServer } from "../rabbit-server.js";
import { WorkerHandle } from "../worker-handle.js";
import type { WorkerRole } from "../worker-process.js";

const IN_FLIGHT = 100;
const WARM_UP = 3000;
type DrainRole = Extract<WorkerRole, "amqp-floor" | "amqp" | "amqp-late">;
const NAMES: Readonly<Record<DrainRole, string>> = {
  "amqp-floor": "floor",
  amqp: "celeriac",
  "amqp-late": "celeriac, acksLate",
};

/** RabbitMQ: publish with confirms, and drain with acks, without results. */
export async function measureAmqp(server: RabbitServer, count: number, rep: number): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const publishers = [
    ["floor", floor.publishInFlight],
    ["celeriac", ours.publishInFlight],
  ] as const;
  for (const [who, publish] of rep % 2 === 0 ? publishers : [...publishers].reverse()) {
    measurements.push(await publishAs(server, who, publish, count, rep));
  }
  const roles: readonly DrainRole[] = ["amqp-floor", "amqp", "amqp-late"];
  for (const role of rep % 2 === 0 ? roles : [...roles].reverse()) {
    measurements.push(await drainAs(server, role, count, rep));
  }
  return measurements;
}

async function publishAs(
  { url }: RabbitServer,
  who: string,
  publish: typeof floor.publishInFlight,
  count: number,
  rep: number,
): Promise<Measurement> {
  const queue = `publish-${rep}-${who}`;
  await publish(url, queue, WARM_UP, IN_FLIGHT);
  const value = await rate(count, () => publish(url, queue, count, IN_FLIGHT));
  const depth = await floor.depthOf(url, queue);
  await floor.removeQueue(url, queue);
  if (depth !== WARM_UP + count) throw new Error(`${depth} messages are queued where ${WARM_UP + count} were sent`);
  return { workload: "RabbitMQ, publish with confirms", who, rep, unit: "tasks/s", value };
}

/** From the first body until the worker has left, all acks confirmed. The process has drained a warm-up queue before. */
async function drainAs({ url }: RabbitServer, role: DrainRole, count: number, rep: number): Promise<Measurement> {
  const [warm, queue] = [`warm-${rep}-${role}`, `drain-${rep}-${role}`];
  await floor.publishInFlight(url, warm, WARM_UP, IN_FLIGHT);
  await floor.publishInFlight(url, queue, count, IN_FLIGHT);
  await using worker = await WorkerHandle.start();
  worker.tell({ type: "drain", role, url, queue: warm, count: WARM_UP });
  await worker.next("drained");
  const first = worker.next("first");
  const drained = worker.next("drained");
  worker.tell({ type: "drain", role, url, queue, count });
  await first;
  const start = performance.now();
  const { cpuMs, rssMb } = await drained;
  const value = (count * 1000) / (performance.now() - start);
  const depth = await floor.depthOf(url, queue);
  for (const name of [warm, queue]) await floor.removeQueue(url, name);
  if (depth !== 0) throw new Error(`${depth} messages are left where all were acknowledged`);
  const detail = { workerCpuUs: (cpuMs * 1000) / count, rssMb };
  return { workload: "RabbitMQ, drain with acks", who: NAMES[role], rep, unit: "tasks/s", value, detail };
}
