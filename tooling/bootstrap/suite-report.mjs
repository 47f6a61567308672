// @ts-check
import { readFileSync, rmSync } from "node:fs";

/**
 * What a suite leaves in the file named by `CELERIAC_REPORT`.
 * @typedef {object} SuiteReport
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} notes - What a reader should know: mostly what was skipped, and why.
 */

/**
 * Reads a report and removes its file. A suite cannot fail silently: one that leaves no readable report, or exits
 * with an error while claiming no failure, counts as one failure.
 * @param {string} file
 * @param {number} exitCode - Of the process that wrote it.
 * @returns {SuiteReport}
 */
export function takeSuiteReport(file, exitCode) {
  const report = read(file);
  rmSync(file, { force: true });
  if (report === undefined)
    return { passed: 0, failed: 1, skipped: 0, notes: [`left no report, exit code ${exitCode}`] };
  if (exitCode === 0 || report.failed > 0) return report;
  return { ...report, failed: 1, notes: [...report.notes, `exit code ${exitCode} although no test failed`] };
}

/**
 * @param {string} file
 * @returns {SuiteReport | undefined}
 */
function read(file) {
  try {
    const { passed, failed, skipped, notes } = JSON.parse(readFileSync(file, "utf8"));
    if (![passed, failed, skipped].every((count) => Number.isInteger(count) && count >= 0)) return undefined;
    return { passed, failed, skipped, notes: Array.isArray(notes) ? notes.map(String) : [] };
  } catch {
    return undefined;
  }
}
