// @ts-check
/** @typedef {import("./package-edges.mjs").Edge} Edge */
/** @typedef {import("./package-import.mjs").WorkspacePackage} WorkspacePackage */

/**
 * @param {readonly WorkspacePackage[]} packages
 * @param {readonly Edge[]} edges
 * @returns {string} One line per package, most depended upon first; packages from outside the workspace in brackets.
 */
export function drawText(packages, edges) {
  const width = Math.max(...packages.map(({ name }) => name.length));
  const importers = (/** @type {string} */ name) => edges.filter((edge) => edge.to === name).length;
  return [...packages]
    .sort((a, b) => importers(b.name) - importers(a.name) || a.name.localeCompare(b.name))
    .map(({ name }) => {
      const targets = edges.filter((edge) => edge.from.name === name).sort((a, b) => a.to.localeCompare(b.to));
      const shown = targets.map(
        ({ to, inWorkspace, typeOnly }) => `${inWorkspace ? to : `[${to}]`}${typeOnly ? " (types)" : ""}`,
      );
      return `${name.padEnd(width)}  ->  ${shown.join(", ") || "nothing"}`;
    })
    .join("\n");
}

/**
 * @param {readonly WorkspacePackage[]} packages
 * @param {readonly Edge[]} edges
 * @returns {string} Graphviz; imports of types only are dashed.
 */
export function drawDot(packages, edges) {
  const nodes = packages.map(({ name }) => `  ${JSON.stringify(name)} [shape=box];`);
  const arrows = edges.map(({ from, to, typeOnly }) => {
    return `  ${JSON.stringify(from.name)} -> ${JSON.stringify(to)}${typeOnly ? " [style=dashed]" : ""};`;
  });
  return ["digraph celeriac {", "  rankdir=LR;", ...nodes, ...arrows, "}"].join("\n");
}
