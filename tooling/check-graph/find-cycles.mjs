// @ts-check
/**
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph - From a node to what it points at.
 * @returns {string[][]} One cycle for each place where a walk meets its own path: `[a, b, a]`.
 */
export function findCycles(graph) {
  /** @type {string[][]} */
  const cycles = [];
  /** @type {Set<string>} */
  const finished = new Set();
  /** @type {string[]} */
  const path = [];

  /** @param {string} node */
  function visit(node) {
    const start = path.indexOf(node);
    if (start !== -1) {
      cycles.push([...path.slice(start), node]);
      return;
    }
    if (finished.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    finished.add(node);
  }

  for (const node of graph.keys()) visit(node);
  return cycles;
}
