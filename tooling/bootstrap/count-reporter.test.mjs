// @ts-check
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "../workspace/run-command.mjs";
import { inWorkspace } from "../workspace/workspace-root.mjs";

const scratch = mkdtempSync(join(tmpdir(), "celeriac-reporter-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const reporter = fileURLToPath(new URL("count-reporter.mjs", import.meta.url));
const files = {
  "counts.test.js": `
    it("passes", () => {});
    it("fails", () => { throw new Error("as planned"); });
    it("says why it is skipped", (context) => { context.skip("no server"); });
    it("also says why", (context) => { context.skip("no server"); });
    it.skip("is skipped by name", () => {});
    describe.skip("skipped as a whole", () => {
      it("has one test", () => {});
      describe("and below", () => {
        it("has another", () => {});
      });
    });
    describe("with a hook that fails", () => {
      beforeAll(() => { throw new Error("as planned"); });
      it("never runs", () => {});
    });`,
  "does-not-load.test.js": 'import "./not-there.js";',
};

test("counts tests, hooks, files that do not load, and keeps the reasons of skips, one for a whole suite", async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(scratch, name), text);
  const report = join(scratch, "report.json");
  const vitest = inWorkspace("node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "--globals", "--root", scratch, `--reporter=${reporter}`];
  const env = { CELERIAC_REPORT: report };
  const { code, output } = await runCommand(process.execPath, args, { cwd: scratch, quiet: true, env });
  assert.equal(code, 1, output);
  assert.deepEqual(JSON.parse(readFileSync(report, "utf8")), {
    passed: 1,
    failed: 3,
    skipped: 6,
    notes: [
      "counts.test.js: no server (2 tests)",
      "counts.test.js: is skipped by name",
      "counts.test.js: skipped as a whole (2 tests)",
      "counts.test.js: with a hook that fails > never runs",
    ],
  });
});
