import { randomUUID } from "node:crypto";
import { chain, encodePlanned, group, plan, signatureOf } from "../src/index.js";

const add = (n: number) => signatureOf<[number], number>("tasks.add", [n]);
const workflow = chain(
  signatureOf<[], number>("tasks.add", [2, 2]),
  group(add(10), add(20)), // a group followed by a task: a chord
  signatureOf<[number[]], number>("tasks.sum"),
);
const { steps, result } = plan(workflow, { newId: randomUUID });
for (const step of steps) {
  if (step.kind === "publish")
    console.log(encodePlanned(step.task, { nowMs: Date.now(), origin: "gen1@host" }).headers);
}
console.log("the result will be under", result?.[0][0]);
