import { startWorkflow } from "@celeriac/canvas";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  buildWorkflow,
  createDice,
  MIX,
  mix,
  randomShape,
} from "../../packages/canvas/test/support/random-workflow.js";
import { evaluate } from "../../packages/canvas/test/support/reference-interpreter.js";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import { describeTransports } from "./describe-peers.js";

const SEED = 20_261_120;
const COUNT = 1000;
const AT_ONCE = 20;
const QUEUE = "random";

describeTransports(["redis"], "random workflows and our worker", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    const settings = { task_default_queue: QUEUE };
    fleet = await openFleet({ transport, pythonQueues: [], ourQueues: [QUEUE], concurrency: 20, settings });
    fleet.app.task(MIX, mix);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  it(`give what the reference interpreter says, ${COUNT} of them`, { timeout: 300_000 }, async () => {
    const dice = createDice(SEED);
    for (let done = 0; done < COUNT; done += AT_ONCE) {
      const shapes = Array.from({ length: AT_ONCE }, () => randomShape(dice));
      const values = await Promise.all(
        shapes.map((shape) => startWorkflow(fleet.app, buildWorkflow(shape)).get({ timeout: "60s" })),
      );
      for (const [index, shape] of shapes.entries()) {
        expect(values[index], `workflow ${done + index} of seed ${SEED}: ${JSON.stringify(shape)}`).toEqual(
          evaluate(shape),
        );
      }
    }
  });
});
