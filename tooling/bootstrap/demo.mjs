// @ts-check
/** `npm run demo [-- --once]`: installs and builds what the demonstration needs, then hands over to it. */
import { existsSync } from "node:fs";
import { runCommand } from "../workspace/run-command.mjs";
import { inWorkspace } from "../workspace/workspace-root.mjs";
import { installWorkspace, isWorkspaceInstalled } from "./install-workspace.mjs";
import { withProgress } from "./progress-line.mjs";

const demo = inWorkspace("examples", "demo");

/** @returns {Promise<number>} */
async function main() {
  if (!existsSync(demo)) {
    console.error(`The demonstration is not in this checkout: ${demo} does not exist.`);
    return 1;
  }
  if (!isWorkspaceInstalled()) {
    const installed = await withProgress("Installing", () => installWorkspace({ quiet: true }));
    if (installed.code !== 0) return giveUp("pnpm install", installed);
  }
  // `tsc -b` follows the project references, so only what the demonstration needs is built, and only when it changed.
  const tsc = inWorkspace("node_modules", ".bin", "tsc");
  const built = await withProgress("Building", () => runCommand(tsc, ["-b", demo], { quiet: true }));
  if (built.code !== 0) return giveUp("tsc -b examples/demo", built);
  const program = inWorkspace("examples", "demo", "dist", "main.js");
  const { code } = await runCommand(process.execPath, [program, ...process.argv.slice(2)], { foreground: true });
  return code;
}

/**
 * @param {string} command
 * @param {import("../workspace/run-command.mjs").RunResult} result
 * @returns {number}
 */
function giveUp(command, { code, output }) {
  console.error(`${output}\n${command} ended with code ${code}; its output is above.`);
  return 1;
}

process.exitCode = await main();
