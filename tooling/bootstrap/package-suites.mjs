// @ts-check
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../workspace/run-command.mjs";
import { inWorkspace } from "../workspace/workspace-root.mjs";
import { takeSuiteReport } from "./suite-report.mjs";

const reporter = fileURLToPath(new URL("count-reporter.mjs", import.meta.url));

/** @typedef {import("../workspace/workspace-packages.mjs").WorkspacePackage} WorkspacePackage */

/**
 * @param {WorkspacePackage} workspacePackage
 * @returns {boolean} Whether vitest would find a test file.
 */
export function hasTests({ path }) {
  return ["src", "test"].some(
    (folder) =>
      existsSync(join(path, folder)) &&
      readdirSync(join(path, folder), { recursive: true }).some((file) => String(file).endsWith(".test.ts")),
  );
}

/**
 * Runs one package's suite with vitest, from its sources.
 * @param {WorkspacePackage} workspacePackage
 * @param {Record<string, string>} env - Where the services are.
 * @returns {Promise<import("./suite-report.mjs").SuiteReport>}
 */
export async function runPackageSuite({ path, name }, env) {
  const report = join(tmpdir(), `celeriac-${process.pid}-${name.replace(/\W+/g, "-")}.json`);
  const vitest = inWorkspace("node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "--reporter=default", `--reporter=${reporter}`];
  const { code } = await runCommand(process.execPath, args, { cwd: path, env: { ...env, CELERIAC_REPORT: report } });
  return takeSuiteReport(report, code);
}
