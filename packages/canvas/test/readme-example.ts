import { createApp } from "@celeriac/core";
import { chain, chord, group } from "../src/index.js";

const app = createApp("shop", { taskAlwaysEager: true }); // with a broker and a backend, workers run it
const add = app.task("math.add", (a: number, b: number) => a + b);
const sum = app.task("math.sum", (all: number[]) => all.reduce((left, right) => left + right, 0));

const workflow = chain(add.s(2), group(add.s(10), add.s(20)), sum.s()); // a group followed by a task: a chord
console.log(await workflow.delay(2).get()); // 38

const results = await group([1, 2, 3].map((n) => chord([add.s(n, n), add.s(n, 1)], sum.s()))).delay();
for await (const { index, status } of results.settled({ timeout: "5s" })) console.log(index, status);
