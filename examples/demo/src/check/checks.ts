import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { TaskError } from "@celeriac/core";
import { dropGarbage, findDeadLetter } from "../stage/garbage.js";
import { BUSY_ATTEMPTS } from "../tasks.js";
import type { Check } from "./check.js";

/** All of them run at once: the worker has to cope. */
export const checks: readonly Check[] = [
  {
    name: "20 tasks return their own results, from child processes",
    async run({ demo, workerPid }, signal) {
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      const results = await Promise.all(numbers.map((n) => demo.square.delay(n).get({ signal })));
      assert.deepEqual(
        results.map(({ value }) => value),
        numbers.map((n) => n * n),
      );
      for (const { pid } of results) assert.ok(pid !== workerPid && pid !== process.pid, "ran outside the children");
    },
  },
  {
    name: "a failing task rejects with its own error",
    async run({ demo }, signal) {
      const error = await failureOf(demo.charge.delay("4000").get({ signal }));
      assert.equal(error.code, "TASK_FAILED");
      assert.equal(error.pyType, "CardDeclined");
      assert.deepEqual(error.args, ["card 4000 was declined"]);
      assert.match(error.traceback ?? "", /card 4000 was declined[\s\S]*tasks\.[jt]s/);
    },
  },
  {
    name: `a retrying task runs ${BUSY_ATTEMPTS + 1} times, 1 s and 2 s apart`,
    async run({ demo }, signal) {
      const startedMs = Date.now();
      const handle = await demo.deliver.delay("ada");
      assert.equal(await handle.get({ signal }), `delivered to ada at attempt ${BUSY_ATTEMPTS + 1}`);
      assert.equal((await handle.meta())?.extra.retries, BUSY_ATTEMPTS);
      assert.ok(Date.now() - startedMs >= 3_000, "it did not back off");
    },
  },
  {
    name: "progress arrives step by step",
    async run({ demo }, signal) {
      const sent = demo.render.delay(8, 250);
      const steps: number[] = [];
      for await (const { done } of sent.progress({ signal })) steps.push(done);
      assert.ok(steps.length >= 3, `only ${steps.length} steps were seen`);
      assert.deepEqual(
        steps,
        [...new Set(steps)].sort((a, b) => a - b),
      );
      assert.equal(await sent.get({ signal }), "8 frames");
    },
  },
  {
    name: "an ETA task does not start early",
    async run({ demo }, signal) {
      const dueMs = Date.now() + 1_500;
      const { atMs } = await demo.remind.call(["tea"], { eta: new Date(dueMs) }).get({ signal });
      assert.ok(atMs >= dueMs, `it started ${dueMs - atMs} ms early`);
    },
  },
  {
    name: "a callback gets the result, an error callback the failed id",
    async run({ demo }, signal) {
      const [after, instead] = [randomUUID(), randomUUID()];
      await demo.square.call([12], { link: demo.announce.s("got").set({ taskId: after }) });
      const failed = await demo.charge.call(["0"], { linkError: demo.apologise.s().set({ taskId: instead }) });
      assert.match(await demo.app.result<string>(after).get({ signal }), /^got \{"value":144,"pid":\d+\}$/);
      assert.equal(await demo.app.result<string>(instead).get({ signal }), `sorry about task ${failed.id}`);
    },
  },
  {
    name: "a killed child costs its own task only",
    async run({ demo }, signal) {
      const [sleeper, error] = await Promise.all([
        demo.nap.delay(1_000).get({ signal }),
        failureOf(demo.crash.delay().get({ signal })),
      ]);
      assert.equal(error.pyType, "WorkerLostError");
      assert.equal(typeof sleeper, "number");
      assert.equal((await demo.square.delay(9).get({ signal })).value, 81);
    },
  },
  {
    name: "garbage becomes a dead letter, and the worker goes on",
    async run(stage, signal) {
      const garbage = "{this is no message";
      await dropGarbage(stage, garbage);
      const record = await findDeadLetter(stage, garbage, signal);
      assert.equal(record.reason, "E_ENVELOPE");
      assert.equal(record.queue, "celery");
      assert.equal((await stage.demo.square.delay(11).get({ signal })).value, 121);
    },
  },
];

async function failureOf(result: Promise<unknown>): Promise<TaskError> {
  const error = await result.then(
    (value) => assert.fail(`it returned ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof TaskError) return error;
  throw error;
}
