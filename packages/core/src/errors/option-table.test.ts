import { describe, expect, it } from "vitest";
import { checkOptions, type OptionTable, optionChecks } from "./option-table.js";

const TABLE: OptionTable = {
  timeoutMs: optionChecks.duration,
  maxItems: optionChecks.count,
  resultForm: optionChecks.oneOf("json", "pickle"),
  password: { secret: optionChecks.text },
  visibilityTimeout: "ignored",
};

describe("options of an adapter", () => {
  it("are read under both kinds of names, without the absent and the ignored ones", () => {
    const raw = { timeout_ms: 5, maxItems: undefined, resultForm: null, visibility_timeout: "anything" };
    expect(checkOptions(raw, TABLE)).toEqual({ values: { timeoutMs: 5 }, issues: [] });
  });

  it("are all wrong at once, each with its own name, what it is and what it must be", () => {
    const raw = { timeout_ms: 0, maxItem: 1, result_form: "yaml", wholly_unknown_thing: 1 };
    expect(checkOptions(raw, TABLE)).toEqual({
      values: {},
      issues: [
        { key: "timeout_ms", message: "is 0; it must be a number above 0." },
        { key: "maxItem", message: "is no option here. Did you mean maxItems?" },
        { key: "result_form", message: 'is "yaml"; it must be one of json, pickle.' },
        { key: "wholly_unknown_thing", message: expect.stringContaining("Known: timeoutMs, maxItems") },
      ],
    });
  });

  it("do not show a secret", () => {
    const { issues } = checkOptions({ password: ["open sesame"] }, TABLE);
    expect(issues).toEqual([{ key: "password", message: "must be text." }]);
  });

  it("cannot be had from the prototype of the table", () => {
    for (const key of ["constructor", "__proto__", "toString"])
      expect(checkOptions(Object.fromEntries([[key, 1]]), TABLE).issues).toHaveLength(1);
  });

  it.each([
    [optionChecks.zeroOrMore, 0, -1],
    [optionChecks.count, 1, 1.5],
    [optionChecks.duration, 0.1, Number.POSITIVE_INFINITY],
    [optionChecks.flag, false, "false"],
    [optionChecks.object, {}, []],
    [optionChecks.callback, () => undefined, "call"],
    [optionChecks.text, "", 5],
  ])("are checked by kind (%#)", (check, good, bad) => {
    expect([check(good), typeof check(bad)]).toEqual([undefined, "string"]);
  });
});
