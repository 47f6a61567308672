/**
 * `node bench/dist/delayed.js [--tasks 20000] [--longest 120]`: a task delayed by 3 s, then many with random delays, waiting
 * in RabbitMQ's quorum queues. None may begin early; prints how late they began and what the worker took of memory.
 * @module
 */
import { parseArgs } from "node:util";
import { startRabbit } from "./rabbit-server.js";
import type { Lateness } from "./workloads/delayed.js";
import { measureLateness } from "./workloads/delayed.js";

const { values } = parseArgs({
  options: { tasks: { type: "string", default: "20000" }, longest: { type: "string", default: "120" } },
});
const longestMs = Number(values.longest) * 1000;

await using rabbit = await startRabbit();
console.log(rabbit.detail);
const one = await measureLateness(rabbit, "one", [3000]);
print("one task, 3 s", one);
const delaysMs = Array.from({ length: Number(values.tasks) }, () => Math.round(Math.random() * longestMs));
const many = await measureLateness(rabbit, "many", delaysMs);
print(`${values.tasks} tasks, up to ${values.longest} s`, many);
process.exitCode = one.early + many.early > 0 ? 1 : 0;

function print(title: string, { count, early, p50Ms, p99Ms, maxMs, rssMb }: Lateness): void {
  const late = [p50Ms, p99Ms, maxMs].map((ms) => `${Math.round(ms)} ms`).join(" / ");
  console.log(
    `${title}: ${count} begun, ${early} early, late p50/p99/max ${late}, worker at most ${Math.round(rssMb)} MB`,
  );
}
