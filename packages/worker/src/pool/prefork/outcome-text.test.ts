import type { Outcome } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { decodeOutcome, encodeOutcome } from "./outcome-text.js";

const error = {
  exception: { exc_type: "ValueError", exc_message: ["boom", 2n ** 70n], exc_module: "builtins" },
  traceback: "tb",
  children: [[["id", null], null]],
} as const;

const OUTCOMES: readonly Exclude<Outcome, { readonly kind: "success" }>[] = [
  { kind: "failure", ...error, expected: false },
  { kind: "retry", ...error, plan: { dueAtMs: 5, args: [new Uint8Array([1]), 2n ** 64n], options: { queue: "q" } } },
  { kind: "ignore", reason: "" },
  { kind: "reject", reason: "poison", requeue: true },
];

describe("outcomes as text", () => {
  it.each(OUTCOMES)("$kind crosses whole", (outcome) => {
    expect(decodeOutcome(encodeOutcome(outcome))).toEqual(outcome);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    "5",
    "{}",
    '{"kind":"success","result":"1","children":[]}',
    '{"kind":"failure"}',
    '{"kind":"failure","exception":{},"traceback":"","children":[],"expected":false}',
    '{"kind":"retry","exception":{"exc_type":"E","exc_message":[],"exc_module":""},"traceback":"","children":[]}',
    '{"kind":"reject","reason":"x"}',
    '{"kind":"ignore","reason":5}',
    '{"kind":"__proto__"}',
  ])("%s is no outcome", (text) => {
    expect(decodeOutcome(text)).toBeUndefined();
  });
});
