// @ts-check
import { writeFileSync } from "node:fs";
import { relative } from "node:path";

/**
 * A vitest reporter that writes a suite report (see suite-report.mjs) to the file named by `CELERIAC_REPORT`. Unlike
 * vitest's JSON it keeps the reasons of skips and counts what fails outside a test: files that do not load, hooks,
 * unhandled rejections.
 */
class CountReporter {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const holders = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = holders.filter((holder) => holder.errors().length > 0).length;
    const report = {
      passed: count(tests, "passed"),
      failed: count(tests, "failed") + broken + unhandledErrors.length,
      skipped: count(tests, "skipped") + count(tests, "pending"),
      notes: skipNotes(tests),
    };
    const file = process.env.CELERIAC_REPORT;
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}

/**
 * @param {readonly import("vitest/node").TestCase[]} tests
 * @param {string} state
 */
function count(tests, state) {
  return tests.filter((test) => test.result().state === state).length;
}

/**
 * One note per file and reason; where a test gives no reason, its name stands for it, or that of the suite skipped
 * with it.
 * @param {readonly import("vitest/node").TestCase[]} tests
 * @returns {string[]}
 */
function skipNotes(tests) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const test of tests) {
    const result = test.result();
    if (result.state !== "skipped") continue;
    const note = `${relative(process.cwd(), test.module.moduleId)}: ${result.note ?? nameOfSkipped(test)}`;
    counts.set(note, (counts.get(note) ?? 0) + 1);
  }
  return [...counts].map(([note, times]) => (times === 1 ? note : `${note} (${times} tests)`));
}

/**
 * @param {import("vitest/node").TestCase} test
 * @returns {string} The name of the outermost suite that is skipped as a whole, else the test's own.
 */
function nameOfSkipped(test) {
  let name = test.fullName;
  let holder = test.parent;
  while (holder.type === "suite") {
    if (holder.options.mode === "skip") name = holder.fullName;
    holder = holder.parent;
  }
  return name;
}

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export.
export default CountReporter;
