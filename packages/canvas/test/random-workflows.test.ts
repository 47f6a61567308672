import { createApp } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { fromJSON, startWorkflow } from "../src/index.js";
import { buildWorkflow, createDice, MIX, mix, randomShape } from "./support/random-workflow.js";
import { evaluate } from "./support/reference-interpreter.js";

const SEED = 20_240_601;
const COUNT = 1_000;

const app = createApp("random", { taskAlwaysEager: true });
app.task(MIX, mix);

describe("random workflows in eager mode", () => {
  it(`give what they mean, ${COUNT} of them, as composed and as read back from the wire`, {
    timeout: 120_000,
  }, async () => {
    const dice = createDice(SEED);
    for (let index = 0; index < COUNT; index += 1) {
      const shape = randomShape(dice);
      const workflow = buildWorkflow(shape);
      const sent = index % 2 === 0 ? workflow : fromJSON(JSON.parse(JSON.stringify(workflow.toJSON())));
      const value = await startWorkflow(app, sent).get({ timeout: 5 });
      expect(value, `workflow ${index} of seed ${SEED}: ${JSON.stringify(shape)}`).toEqual(evaluate(shape));
    }
  });
});
