// @ts-check
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { takeSuiteReport } from "./suite-report.mjs";
import { Tally } from "./tally.mjs";
import { readTap } from "./tooling-suite.mjs";

const scratch = mkdtempSync(join(tmpdir(), "celeriac-report-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/**
 * @param {string} text
 * @param {number} exitCode
 */
function take(text, exitCode) {
  const file = join(scratch, "report.json");
  writeFileSync(file, text);
  const report = takeSuiteReport(file, exitCode);
  assert.equal(existsSync(file), false, "a report is taken once");
  return report;
}

test("takes the counts of a suite as they are", () => {
  const report = { passed: 3, failed: 1, skipped: 2, notes: ["no broker"] };
  assert.deepEqual(take(JSON.stringify(report), 1), report);
});

test("counts one failure when a suite leaves no report, even if it exits with 0", () => {
  assert.equal(takeSuiteReport(join(scratch, "absent.json"), 0).failed, 1);
});

test("counts one failure when a report cannot be read or holds no counts", () => {
  assert.equal(take("{", 0).failed, 1);
  assert.equal(take('{"passed": "3", "failed": 0, "skipped": 0}', 0).failed, 1);
});

test("counts one failure when a suite exits with an error and admits none", () => {
  const report = take('{"passed": 3, "failed": 0, "skipped": 0, "notes": []}', 1);
  assert.deepEqual([report.passed, report.failed], [3, 1]);
});

test("reads the totals of node's own test runner", () => {
  const { passed, failed, skipped } = readTap(
    "# tests 7\n# pass 4\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n",
    1,
  );
  assert.deepEqual([passed, failed, skipped], [4, 2, 1]);
  assert.equal(readTap("", 0).failed, 1, "a run without a passed test is no success");
});

test("ends the summary with the totals, and mentions skips only when there are some", () => {
  const tally = new Tally();
  tally.add("core", { passed: 5, failed: 0, skipped: 0, notes: [] });
  assert.equal(tally.summary().split("\n").at(-1), "5 passed, 0 failed");
  assert.equal(tally.isGreen, true);
  tally.add("redis", { passed: 1, failed: 0, skipped: 2, notes: ["no server"] });
  tally.fail("Lint: exit code 1");
  assert.equal(tally.summary().split("\n").at(-1), "6 passed, 1 failed, 2 skipped");
  assert.match(tally.summary(), /redis: no server/);
  assert.match(tally.summary(), /Lint: exit code 1/);
  assert.equal(tally.isGreen, false);
});
