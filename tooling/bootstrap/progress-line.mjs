// @ts-check
/**
 * Shows one line while `body` runs. On a terminal it is removed afterwards; elsewhere it stays, with the time taken.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withProgress(what, body) {
  const { stderr } = process;
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const timer = stderr.isTTY ? setInterval(() => stderr.write(`\r${what}... ${elapsed()}`), 100) : undefined;
  try {
    return await body();
  } finally {
    clearInterval(timer);
    stderr.write(stderr.isTTY ? "\r\u001b[K" : `${what}: ${elapsed()}\n`);
  }
}
