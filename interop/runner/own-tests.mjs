// @ts-check
import { runCommand } from "../../tooling/workspace/run-command.mjs";
import { inWorkspace } from "../../tooling/workspace/workspace-root.mjs";
import { part } from "./report.mjs";

/**
 * Tests of the runner itself: a comparison that cannot count would hide everything else.
 * @returns {Promise<import("./report.mjs").Part>}
 */
export async function runOwnTests() {
  const args = ["--test", "--test-reporter=tap", inWorkspace("interop", "celery-suite", "compare.test.mjs")];
  const { code, output, tookMs } = await runCommand(process.execPath, args, { quiet: true });
  const count = (/** @type {string} */ word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  const failed = count("fail") === 0 && code !== 0 ? 1 : count("fail");
  return part("the runner itself", { passed: count("pass"), failed, tookMs });
}
