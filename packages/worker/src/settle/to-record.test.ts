import { describe, expect, it } from "vitest";
import {
  NOW_MS,
  sampleContext,
  samplePolicy,
  sampleRequest,
  sampleSignature,
} from "../../test/support/sample-request.js";
import { planSettlement } from "./plan-settlement.js";
import { toRecord } from "./to-record.js";

const state = { status: "SUCCESS", result: "1" };
const boom = { exc_type: "ValueError", exc_message: ["boom"], exc_module: "builtins" };

describe("a record for whoever asked", () => {
  it("says where they listen, when they said so", () => {
    expect(toRecord(sampleRequest({ replyTo: "desk" }), state, sampleContext()).replyTo).toBe("desk");
    expect(toRecord(sampleRequest(), state, sampleContext())).not.toHaveProperty("replyTo");
  });

  it("says under which id they know the task, when it is another one", () => {
    const request = sampleRequest({ replyTo: "desk" });
    expect(toRecord(request, state, sampleContext())).not.toHaveProperty("correlationId");
    expect(toRecord({ ...request, correlationId: "theirs" }, state, sampleContext()).correlationId).toBe("theirs");
  });

  it("also exists of the steps that will never run", () => {
    const chain = [sampleSignature({ task: "second", options: { task_id: "id-2" } })];
    const request = sampleRequest({ replyTo: "desk", embed: { callbacks: null, errbacks: null, chain, chord: null } });
    const ending = { kind: "failure", exception: boom, traceback: "tb", children: [], expected: false } as const;
    const effects = planSettlement(request, ending, sampleContext(samplePolicy()));
    const records = effects.flatMap((effect) => (effect.kind === "store" ? [effect.record] : []));
    expect(records).toMatchObject([
      { taskId: "task-1", status: "FAILURE", replyTo: "desk" },
      { taskId: "id-2", status: "FAILURE", replyTo: "desk", dateDoneMs: NOW_MS },
    ]);
  });
});
