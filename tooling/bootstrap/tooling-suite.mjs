// @ts-check
import { readdirSync } from "node:fs";
import { runCommand } from "../workspace/run-command.mjs";
import { inWorkspace } from "../workspace/workspace-root.mjs";

/**
 * Runs the tests of the tooling itself, which use node:test because they also judge what runs before an install.
 * @returns {Promise<import("./suite-report.mjs").SuiteReport>}
 */
export async function runToolingSuite() {
  const files = readdirSync(inWorkspace("tooling"), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".test.mjs"))
    .map((file) => inWorkspace("tooling", file));
  const args = ["--test", "--test-reporter=tap", ...files];
  const { code, output } = await runCommand(process.execPath, args, { quiet: true });
  if (code !== 0) console.log(output);
  return readTap(output, code);
}

/**
 * @param {string} output - TAP of `node --test`, which ends in lines like `# pass 12`.
 * @param {number} code
 * @returns {import("./suite-report.mjs").SuiteReport}
 */
export function readTap(output, code) {
  const count = (/** @type {string} */ name) => Number(output.match(new RegExp(`^# ${name} (\\d+)$`, "m"))?.[1] ?? 0);
  const failed = count("fail") + count("cancelled");
  const passed = count("pass");
  const broken = failed === 0 && (code !== 0 || passed === 0);
  return {
    passed,
    failed: broken ? 1 : failed,
    skipped: count("skipped") + count("todo"),
    notes: broken ? [`node --test ended with code ${code} after ${passed} passed tests`] : [],
  };
}
