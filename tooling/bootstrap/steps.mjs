// @ts-check
/** Runs named steps one after the other and remembers how long each took. */
export class Steps {
  /** @type {{ title: string, tookMs: number }[]} */
  #done = [];

  /**
   * @template T
   * @param {string} title
   * @param {() => Promise<T>} body
   * @returns {Promise<T>}
   */
  async run(title, body) {
    console.log(`\n== ${title}`);
    const startedAt = performance.now();
    try {
      return await body();
    } finally {
      const tookMs = performance.now() - startedAt;
      this.#done.push({ title, tookMs });
      console.log(`-- ${title}: ${seconds(tookMs)}`);
    }
  }

  /** @returns {string} A table of wall times with their sum. */
  table() {
    const total = this.#done.reduce((sum, step) => sum + step.tookMs, 0);
    const rows = [...this.#done, { title: "all", tookMs: total }];
    const width = Math.max(...rows.map((row) => row.title.length));
    return [
      "Wall times:",
      ...rows.map((row) => `  ${row.title.padEnd(width)}  ${seconds(row.tookMs).padStart(8)}`),
    ].join("\n");
  }
}

/** @param {number} tookMs */
function seconds(tookMs) {
  return `${(tookMs / 1000).toFixed(1)} s`;
}
