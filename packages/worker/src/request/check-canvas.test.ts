import type { Embed } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { sampleSignature } from "../../test/support/sample-request.js";
import { checkCanvas, UnsupportedCanvasError } from "./check-canvas.js";

const NONE: Embed = { callbacks: null, errbacks: null, chain: null, chord: null };
const plain = sampleSignature();
const group = sampleSignature({ task: "celery.group", subtask_type: "group", kwargs: { tasks: [plain] } });

function refusal(embed: Partial<Embed>): UnsupportedCanvasError {
  try {
    checkCanvas({ ...NONE, ...embed });
  } catch (error) {
    if (error instanceof UnsupportedCanvasError) return error;
  }
  throw new Error("was not refused");
}

describe("checkCanvas", () => {
  it.each<[string, Partial<Embed>]>([
    ["nothing to do", {}],
    ["the last step of a chain", { chain: [] }],
    ["callbacks and errbacks of single tasks", { callbacks: [plain, plain], errbacks: [plain] }],
    ["a chain of single tasks", { chain: [plain, plain] }],
    ["a composite later in the chain: the worker before it unfolds it", { chain: [group, plain] }],
    ["tasks of Celery's own that are single messages", { callbacks: [sampleSignature({ task: "celery.starmap" })] }],
  ])("lets pass %s", (_name, embed) => {
    expect(() => checkCanvas({ ...NONE, ...embed })).not.toThrow();
  });

  it.each<[string, Partial<Embed>, string]>([
    ["a member of a chord", { chord: plain }, "chord makes it part of a chord"],
    ["a callback that is a group", { callbacks: [plain, group] }, "callbacks[1] is a group"],
    [
      "an errback that is a chord",
      { errbacks: [sampleSignature({ subtask_type: "chord" })] },
      "errbacks[0] is a chord",
    ],
    ["a callback named like a chain", { callbacks: [sampleSignature({ task: "celery.chain" })] }, "[0] is a chain"],
    ["a next step that is a group", { chain: [plain, group] }, "chain[1] is a group"],
  ])("refuses %s, saying which part", (_name, embed, part) => {
    const error = refusal(embed);
    expect(error.code).toBe("E_CANVAS");
    expect(error.message).toContain(part);
    expect(error.message).toContain("not support");
  });

  it("names the tasks that will never run", () => {
    const step = sampleSignature({ options: { task_id: "step-2" } });
    const body = sampleSignature({ options: { task_id: "body" } });
    expect(refusal({ chain: [step], chord: body }).dependents).toEqual(["step-2", "body"]);
  });
});
