// @ts-check
import { writeFileSync } from "node:fs";

/**
 * One part of the run.
 * @typedef {object} Part
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} tookMs
 * @property {readonly string[]} notes - What a reader should know: what was skipped and why, how ours compares.
 */

/**
 * @param {string} name
 * @param {Partial<Omit<Part, "name">>} [counts]
 * @returns {Part}
 */
export function part(name, counts = {}) {
  return { name, passed: 0, failed: 0, skipped: 0, tookMs: 0, notes: [], ...counts };
}

/**
 * Prints the parts as a table, their notes below it.
 * @param {readonly Part[]} parts
 */
export function printTable(parts) {
  const rows = [
    ["suite", "passed", "failed", "skipped", "seconds"],
    ...parts.map((item) => [item.name, ...[item.passed, item.failed, item.skipped].map(String), seconds(item.tookMs)]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log("");
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join("  ")}`);
  }
  for (const { name, notes } of parts) for (const note of notes) console.log(`  ${name}: ${note}`);
}

/**
 * Writes the sum of all parts to the file that CELERIAC_REPORT names, if it names one.
 * @param {readonly Part[]} parts
 * @param {string | undefined} file
 */
export function writeReport(parts, file) {
  if (file === undefined || file === "") return;
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    parts.reduce((total, item) => total + item[key], 0);
  const notes = parts.flatMap((item) => item.notes.map((note) => `${item.name}: ${note}`));
  writeFileSync(file, JSON.stringify({ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), notes }));
}

/** @param {number} tookMs */
function seconds(tookMs) {
  return (tookMs / 1000).toFixed(1);
}
