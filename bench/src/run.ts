/**
 * `pnpm bench`: the floor, a hand-written ioredis loop, beside us in the same run, interleaved. Prints a table of ratios
 * and writes every figure as a JSON line to `bench/results/`.
 *
 * Measured: this process and one worker process on one Redis without persistence. Not measured: networks, other
 * brokers, tasks that do anything.
 * @module
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Measurement } from "./measure.js";
import { startRabbit } from "./rabbit-server.js";
import { startRedis } from "./redis-server.js";
import { formatTable, summarize } from "./report.js";
import { measureAmqp } from "./workloads/amqp.js";
import { chordContestants, measureChord } from "./workloads/chord.js";
import { measureDrain } from "./workloads/drain.js";
import { measureEnqueue } from "./workloads/enqueue.js";
import { measureRoundTrip } from "./workloads/round-trip.js";

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "20000" },
    reps: { type: "string", default: "5" },
    trips: { type: "string", default: "2000" },
    headers: { type: "string", default: "1000" },
    steps: { type: "string", default: "200" },
    only: { type: "string", default: "enqueue,drain,trip,chord" },
  },
});
const [tasks, reps, trips] = [Number(values.tasks), Number(values.reps), Number(values.trips)];
const chordLoad = { headers: Number(values.headers), steps: Number(values.steps) };
const chosen = new Set(values.only.split(","));
const { contestants, celery, missing } = chordContestants(process.env);

await using server = await startRedis();
const machine = {
  node: process.version,
  redis: server.version,
  cpu: cpus()[0]?.model ?? "",
  cores: cpus().length,
  commit: commit(),
  celery: celery ?? "none",
};
console.log(
  `node ${machine.node}, redis ${machine.redis}, ${machine.cores} × ${machine.cpu}, commit ${machine.commit}; ${reps} repetitions\n`,
);
if (chosen.has("chord") && missing !== undefined) console.log(`chords without Celery: ${missing}\n`);
await using rabbit = chosen.has("amqp") ? await startRabbit() : undefined;
if (rabbit !== undefined) console.log(`${rabbit.detail}\n`);
const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const file = `${folder}${new Date().toISOString().replaceAll(":", "-")}.jsonl`;

const all: Measurement[] = [];
for (let rep = 0; rep < reps; rep += 1) {
  if (chosen.has("enqueue")) record(await measureEnqueue(server, tasks, rep));
  if (chosen.has("drain")) record(await measureDrain(server, tasks, rep));
  if (chosen.has("trip")) record(await measureRoundTrip(server, trips, rep));
  if (rabbit !== undefined) record(await measureAmqp(rabbit, tasks, rep));
  if (chosen.has("chord")) record(await measureChord(server, contestants, chordLoad, rep));
}
console.log(formatTable(summarize(all)));
console.log(
  `\nratio: to the floor of the same repetition, median; above 1 is faster for tasks/s, slower for ms, larger for bytes (there: to Celery)\nraw figures: ${file}`,
);

function record(measurements: readonly Measurement[]): void {
  for (const item of measurements) {
    all.push(item);
    appendFileSync(file, `${JSON.stringify({ ...item, ...machine })}\n`);
  }
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
