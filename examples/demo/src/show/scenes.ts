import { randomUUID } from "node:crypto";
import { TaskError } from "@celeriac/core";
import { dropGarbage, findDeadLetter } from "../stage/garbage.js";
import type { Scene } from "./scene.js";

const failing: Scene = {
  title: "A task fails; the caller gets a typed error",
  async play({ stage, screen, signal }) {
    screen.say("producer", 'charge.delay("4000-0002")');
    const error = await stage.demo.charge
      .delay("4000-0002")
      .get({ signal })
      .catch((reason: unknown) => reason);
    if (!(error instanceof TaskError)) throw error;
    screen.say("producer", `get() rejected: ${error.code}, pyType ${error.pyType}, "${error.args.join(", ")}"`);
    return `a failing task: ${error.pyType} with its message and traceback reached the caller`;
  },
};

const retrying: Scene = {
  title: "A task retries with backoff: 1 s, then 2 s",
  async play({ stage, screen, signal }) {
    const startedAt = performance.now();
    screen.say("producer", 'deliver.delay("ada@example.org"): the mail server is busy twice');
    const answer = await stage.demo.deliver.delay("ada@example.org").get({ signal });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    screen.say("producer", `${answer}, ${seconds} s after it was sent`);
    return `a retry with backoff: ${answer}, under one task id`;
  },
};

const progressing: Scene = {
  title: "A task reports progress, typed by a schema",
  async play({ stage, screen, signal }) {
    const frames = 14;
    const sent = stage.demo.render.delay(frames, 200);
    screen.bar(0, frames);
    let steps = 0;
    try {
      for await (const { done, of } of sent.progress({ signal })) {
        steps += 1;
        screen.bar(done, of);
      }
    } finally {
      screen.endBar();
    }
    screen.say("producer", `result: ${await sent.get({ signal })}`);
    return `live progress: ${steps} steps through \`for await\``;
  },
};

const waiting: Scene = {
  title: "A task waits for its time",
  async play({ stage, screen, signal }) {
    const eta = new Date(Date.now() + 2_000);
    const dueMs = eta.getTime();
    screen.say(
      "producer",
      `remind.call(["tea"], { eta }), where eta is 2 s from now: ${eta.toISOString().slice(11, 23)}`,
    );
    const { what, atMs } = await stage.demo.remind.call(["tea"], { eta }).get({ signal });
    screen.say("producer", `"${what}" ran ${atMs - dueMs} ms after its moment`);
    return `an ETA task: started ${atMs - dueMs} ms after its moment, never before`;
  },
};

const linking: Scene = {
  title: "Links: what happens after success, and after failure",
  async play({ stage, screen, signal }) {
    const { app, square, charge, announce, apologise } = stage.demo;
    const [after, instead] = [randomUUID(), randomUUID()];
    screen.say("producer", 'square.call([12], { link: announce.s("the result is") })');
    await square.call([12], { link: announce.s("the result is").set({ taskId: after }) });
    screen.say("producer", `callback: ${await app.result<string>(after).get({ signal })}`);
    screen.say("producer", 'charge.call(["0000"], { linkError: apologise.s() })');
    await charge.call(["0000"], { linkError: apologise.s().set({ taskId: instead }) });
    screen.say("producer", `error callback: ${await app.result<string>(instead).get({ signal })}`);
    return "links: a callback got the result, an error callback the id of the failed task";
  },
};

const crashing: Scene = {
  title: "A child process is killed in the middle of a task",
  async play({ stage, screen, signal }) {
    const { nap, crash, square } = stage.demo;
    screen.say("producer", "nap.delay(1500) and, beside it, crash.delay(): kill -9 on its own process");
    const [sleeperPid, error] = await Promise.all([
      nap.delay(1_500).get({ signal }),
      crash
        .delay()
        .get({ signal })
        .catch((reason: unknown) => reason),
    ]);
    if (!(error instanceof TaskError)) throw error;
    screen.say("producer", `crash: ${error.pyType}; nap: finished in child ${sleeperPid}, undisturbed`);
    const { pid } = await square.delay(1).get({ signal });
    screen.say("producer", `the next task ran at once, in child ${pid}`);
    return `a killed child: its own task failed with ${error.pyType}, no other noticed`;
  },
};

const garbling: Scene = {
  title: "Somebody drops garbage into the queue",
  async play({ stage, screen, signal }) {
    const garbage = "{this is no message";
    screen.say("producer", `a file with the text ${JSON.stringify(garbage)}`);
    await dropGarbage(stage, garbage);
    const { reason, detail } = await findDeadLetter(stage, garbage, signal);
    screen.say("producer", `dead-letter store: ${reason}: ${detail}`);
    return `a bad message: kept in the dead-letter store as ${reason}; the worker went on`;
  },
};

/** In the order in which they are shown. */
export const scenes: readonly Scene[] = [failing, retrying, progressing, waiting, linking, crashing, garbling];
