import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeResultMessage } from "./result-message.js";

describe("a result as a message", () => {
  it("has Celery's members, in Celery's order", () => {
    const record = { taskId: "t", status: "SUCCESS", result: "5", traceback: null, children: null, dateDoneMs: 1 };
    expect(encodeResultMessage({ ...record, groupId: "g", parentId: "p", replyTo: "q" })).toBe(
      '{"task_id":"t","status":"SUCCESS","result":5,"traceback":null,"children":null}',
    );
  });

  it("comes back as it was", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const child = fc.tuple(fc.tuple(text, fc.constant(null)), fc.constant(null));
    const record = fc.record({
      taskId: text,
      status: fc.string({ minLength: 1 }),
      result: fc.jsonValue({ maxDepth: 2 }),
      traceback: fc.option(text),
      children: fc.option(fc.array(child, { maxLength: 3 })),
    });
    fc.assert(
      fc.property(record, ({ taskId, result, ...rest }) => {
        const message = encodeResultMessage({ ...rest, taskId, result: JSON.stringify(result), dateDoneMs: null });
        expect(JSON.parse(message)).toEqual(JSON.parse(JSON.stringify({ ...rest, task_id: taskId, result })));
      }),
    );
  });
});
