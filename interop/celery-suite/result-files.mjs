// @ts-check
import { existsSync, readFileSync } from "node:fs";

/**
 * What became of each test: `passed`, `failed`, `skipped`, `xfailed` or `xpassed`.
 * @typedef {Map<string, string>} SuiteResults
 */

/**
 * Reads lines of the form "outcome test-id".
 * @param {string} file
 * @returns {SuiteResults} Empty when there is no such file.
 */
export function readResults(file) {
  return new Map(
    readLines(file).map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(space + 1), line.slice(0, space)];
    }),
  );
}

/**
 * Lines of a list, without comments and blanks.
 * @param {string} file
 * @returns {string[]}
 */
export function readLines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/**
 * Why a test cannot pass yet: lines of the form "test-id: what it needs". A line whose id ends in `*` speaks for all
 * tests that begin so.
 * @param {string} file
 * @returns {(test: string) => string | undefined}
 */
export function readReasons(file) {
  const reasons = readLines(file).map((line) => {
    const colon = line.indexOf(": ");
    return { test: line.slice(0, colon), needs: line.slice(colon + 2) };
  });
  return (test) =>
    reasons.find((item) => (item.test.endsWith("*") ? test.startsWith(item.test.slice(0, -1)) : item.test === test))
      ?.needs;
}
