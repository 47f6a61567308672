// @ts-check
/** @typedef {import("./result-files.mjs").SuiteResults} SuiteResults */

/**
 * @typedef {object} Comparison
 * @property {number} controlPasses - Tests of the files that ran which the control passes.
 * @property {number} bothPass
 * @property {readonly string[]} missing - The control passes it, ours does not.
 * @property {readonly string[]} beyond - Ours passes it, the control does not.
 * @property {readonly string[]} regressions - Listed as expected to pass, and did not, without an excuse.
 * @property {readonly string[]} unlisted - Passes together with the control, but is not listed yet.
 */

/**
 * Compares our run with the control, for the files that ran.
 * @param {SuiteResults} ours
 * @param {SuiteResults} control
 * @param {readonly string[]} expected - Ids of tests that must pass.
 * @param {readonly string[]} files - Files that ran.
 * @param {(test: string) => boolean} [isExcused] - Whether a test may fail although it is expected to pass.
 * @returns {Comparison}
 */
export function compare(ours, control, expected, files, isExcused = () => false) {
  const ran = (/** @type {string} */ test) => files.some((file) => test.startsWith(`${file}::`));
  const passes = (/** @type {SuiteResults} */ results) =>
    [...results].filter(([test, outcome]) => outcome === "passed" && ran(test)).map(([test]) => test);
  const [our, theirs] = [new Set(passes(ours)), new Set(passes(control))];
  const listed = new Set(expected);
  return {
    controlPasses: theirs.size,
    bothPass: [...theirs].filter((test) => our.has(test)).length,
    missing: [...theirs].filter((test) => !our.has(test)).sort(),
    beyond: [...our].filter((test) => !theirs.has(test)).sort(),
    regressions: expected.filter((test) => ran(test) && !our.has(test) && !isExcused(test)).sort(),
    unlisted: [...our].filter((test) => theirs.has(test) && !listed.has(test)).sort(),
  };
}
