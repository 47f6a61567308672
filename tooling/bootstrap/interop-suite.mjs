// @ts-check
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../workspace/run-command.mjs";
import { inWorkspace } from "../workspace/workspace-root.mjs";
import { takeSuiteReport } from "./suite-report.mjs";

const script = inWorkspace("interop", "run.mjs");

/** @returns {boolean} */
export function hasInteropSuite() {
  return existsSync(script);
}

/**
 * Runs the quick part of the suite against real Python Celery.
 * @param {Record<string, string>} env - Where the services are.
 * @returns {Promise<import("./suite-report.mjs").SuiteReport>}
 */
export async function runInteropSuite(env) {
  const report = join(tmpdir(), `celeriac-${process.pid}-interop.json`);
  const { code } = await runCommand(process.execPath, [script, "--quick"], {
    env: { ...env, CELERIAC_REPORT: report },
  });
  return takeSuiteReport(report, code);
}
