import type { ChordEntry, WireSignature } from "@celeriac/core";
import { decodeJson } from "@celeriac/core";
import { expect, it } from "vitest";
import { encodeTold, untold } from "./told-errbacks.js";

const errback = (task: string): WireSignature => ({
  task,
  args: ["x"],
  kwargs: {},
  options: {},
  subtask_type: null,
  immutable: true,
});
const exception = { exc_type: "ChordError", exc_message: ["failed"], exc_module: "celery.exceptions" };
const entry = (result: unknown): ChordEntry => ({ taskId: "inner", status: "FAILURE", result });

it("leaves out the callbacks that a member of the header has told", () => {
  const [one, other] = [errback("one"), errback("other")];
  const entries = [entry(exception), entry(decodeJson(encodeTold(exception, [one])))];
  expect(untold([one, other], entries)).toEqual([other]);
});

it("keeps all of them when nobody was told, and when a value only looks like it", () => {
  const one = errback("one");
  expect(untold([one], [entry(exception), entry(5), entry({ celeriac_told: ["x"] })])).toEqual([one]);
  expect(decodeJson(encodeTold(exception, []))).toEqual(exception);
});
