// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.mjs";

const control = new Map([
  ["a.py::one", "passed"],
  ["a.py::two", "passed"],
  ["a.py::three", "failed"],
  ["b.py::four", "passed"],
]);

test("counts only the files that ran, and lists what is missing", () => {
  const ours = new Map([
    ["a.py::one", "passed"],
    ["a.py::two", "failed"],
    ["a.py::three", "passed"],
  ]);
  assert.deepEqual(compare(ours, control, ["a.py::one"], ["a.py"]), {
    controlPasses: 2,
    bothPass: 1,
    missing: ["a.py::two"],
    beyond: ["a.py::three"],
    regressions: [],
    unlisted: [],
  });
});

test("calls an expected test that failed, or did not run, a regression", () => {
  const ours = new Map([["a.py::one", "failed"]]);
  const { regressions } = compare(ours, control, ["a.py::one", "a.py::two", "b.py::four"], ["a.py"]);
  assert.deepEqual(regressions, ["a.py::one", "a.py::two"]);
});

test("takes an excuse for a test that fails, which is missing all the same", () => {
  const ours = new Map([["a.py::two", "failed"]]);
  const isExcused = (/** @type {string} */ test) => test === "a.py::two";
  const { regressions, missing } = compare(ours, control, ["a.py::one", "a.py::two"], ["a.py"], isExcused);
  assert.deepEqual([regressions, missing], [["a.py::one"], ["a.py::one", "a.py::two"]]);
});

test("names passes that nobody has listed yet", () => {
  assert.deepEqual(compare(new Map(control), control, ["a.py::one"], ["a.py"]).unlisted, ["a.py::two"]);
});
