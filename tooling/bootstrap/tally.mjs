// @ts-check
/** Adds up what the steps report, and says it once at the end. */
export class Tally {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  /** @type {string[]} */
  #failures = [];
  /** @type {string[]} */
  #notes = [];

  /** True while nothing has failed. */
  get isGreen() {
    return this.#failed === 0;
  }

  /**
   * @param {string} suite - Its name in the notes.
   * @param {import("./suite-report.mjs").SuiteReport} report
   */
  add(suite, report) {
    this.#passed += report.passed;
    this.#failed += report.failed;
    this.#skipped += report.skipped;
    if (report.failed > 0) this.#failures.push(`${suite}: ${report.failed} failed`);
    this.#notes.push(...report.notes.map((note) => `${suite}: ${note}`));
  }

  /**
   * A step that is not made of tests went wrong; it counts as one failure.
   * @param {string} what
   */
  fail(what) {
    this.#failed += 1;
    this.#failures.push(what);
  }

  /** @param {string} what */
  note(what) {
    this.#notes.push(what);
  }

  /** @returns {string} Notes and failures, then the totals as the very last line. */
  summary() {
    const totals = `${this.#passed} passed, ${this.#failed} failed`;
    return [
      ...section("Skipped or worth knowing:", this.#notes),
      ...section("Failed:", this.#failures),
      this.#skipped === 0 ? totals : `${totals}, ${this.#skipped} skipped`,
    ].join("\n");
  }
}

/**
 * @param {string} title
 * @param {readonly string[]} lines
 * @returns {string[]}
 */
function section(title, lines) {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ""];
}
