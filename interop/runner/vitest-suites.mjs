// @ts-check
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../tooling/workspace/run-command.mjs";
import { inWorkspace } from "../../tooling/workspace/workspace-root.mjs";
import { part } from "./report.mjs";

/** Suites that no RabbitMQ takes part in. */
const NOT_ON_RABBIT = ["test/filesystem.test.ts", "test/result-stores.test.ts"];

/**
 * Runs the suites below `interop/test`, from the sources.
 * @param {Record<string, string>} env - Where the services are.
 * @param {{ readonly amqp: boolean, readonly quick: boolean }} flags - `amqp`: on RabbitMQ only, every suite that can run
 *   there. `quick`: every suite, but not on every transport.
 * @returns {Promise<import("./report.mjs").Part>}
 */
export async function runVitestSuites(env, { amqp, quick }) {
  const file = join(tmpdir(), `celeriac-${process.pid}-interop-vitest.json`);
  const vitest = inWorkspace("node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const without = amqp ? NOT_ON_RABBIT.flatMap((suite) => ["--exclude", suite]) : [];
  const { code, tookMs } = await runCommand(process.execPath, [vitest, "run", ...reporters, ...without], {
    cwd: inWorkspace("interop"),
    env: {
      ...env,
      ...(amqp ? { CELERIAC_INTEROP_BROKER: "amqp" } : {}),
      ...(quick ? { CELERIAC_INTEROP_QUICK: "true" } : {}),
    },
  });
  const counts = readCounts(file);
  rmSync(file, { force: true });
  const name = amqp ? "both directions, RabbitMQ" : "both directions";
  if (counts === undefined) return part(name, { failed: 1, tookMs, notes: [`left no report, exit code ${code}`] });
  // Errors outside of tests fail the run although every test passed.
  const failed = counts.failed === 0 && code !== 0 ? 1 : counts.failed;
  return part(name, { ...counts, failed, tookMs });
}

/**
 * @param {string} file
 * @returns {{ passed: number, failed: number, skipped: number, notes: string[] } | undefined}
 */
function readCounts(file) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, testResults } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    // A suite that could not start has no failed test of its own.
    const failed = Math.max(numFailedTests, Math.min(1, numFailedTestSuites));
    return { passed: numPassedTests, failed, skipped: numPendingTests, notes: skipReasons(testResults) };
  } catch {
    return undefined;
  }
}

/**
 * The reasons that skipped suites carry in their names, each once.
 * @param {readonly { assertionResults: readonly { ancestorTitles: readonly string[] }[] }[]} files
 */
function skipReasons(files) {
  const titles = files.flatMap((file) => file.assertionResults.flatMap((result) => result.ancestorTitles));
  const reasons = titles.flatMap((title) => /\(skipped: (.*)\)$/.exec(title)?.[1] ?? []);
  return [...new Set(reasons)].map((reason) => `skipped: ${reason}`);
}
