// @ts-check
import { findCycles } from "./find-cycles.mjs";
import { DEPENDENCY_FREE, describeAllowed, judgeImport, mayImportNode } from "./import-rules.mjs";
import { packageEdges } from "./package-edges.mjs";
import { isRelative, nodeModuleOf, splitSpecifier } from "./package-import.mjs";

/** @typedef {import("./package-import.mjs").PackageImport} PackageImport */
/** @typedef {import("./package-import.mjs").WorkspacePackage} WorkspacePackage */

/**
 * @typedef {object} Graph
 * @property {readonly WorkspacePackage[]} packages
 * @property {readonly PackageImport[]} imports
 * @property {ReadonlyMap<string, number>} moduleCounts - Modules read, by package name.
 */

/**
 * @typedef {object} Violation
 * @property {"zero modules" | "broken import" | "forbidden import" | "undeclared dependency" | "cycle" | "runtime dependency" |
 *   "node module"} rule
 * @property {string} message
 */

/**
 * @param {Graph} graph
 * @returns {Violation[]}
 */
export function findViolations(graph) {
  return [
    ...unreadPackages(graph),
    ...graph.imports.flatMap((edge) => judge(edge, graph.packages)),
    ...runtimeDependencies(graph.packages),
    ...cycles(graph),
  ];
}

/** @param {Graph} graph @returns {Violation[]} */
function unreadPackages({ packages, moduleCounts }) {
  return packages
    .filter(({ name }) => (moduleCounts.get(name) ?? 0) === 0)
    .map(({ name, folder }) => ({
      rule: "zero modules",
      message: `${name}: no module was read in ${folder}/dist, so nothing was checked. Build it first.`,
    }));
}

/**
 * @param {PackageImport} edge
 * @param {readonly WorkspacePackage[]} packages
 * @returns {Violation[]}
 */
function judge(edge, packages) {
  const node = nodeModuleOf(edge.specifier);
  if (node !== undefined) return judgeNodeImport(edge, node);
  if (isRelative(edge.specifier)) return judgeRelativeImport(edge);
  const { name, subpath } = splitSpecifier(edge.specifier);
  if (name === edge.from.name) return [];
  const target = packages.find((member) => member.name === name);
  return [...judgeDeclaration(edge, name), ...(target === undefined ? [] : judgeLayer(edge, target, subpath))];
}

/** @param {PackageImport} edge @param {string} node @returns {Violation[]} */
function judgeNodeImport({ file, typeOnly }, node) {
  if (typeOnly || mayImportNode(file, node)) return [];
  return [{ rule: "node module", message: `${file} imports ${node}, but core's protocol must run without Node.` }];
}

/** @param {PackageImport} edge @returns {Violation[]} */
function judgeRelativeImport({ from, file, specifier, resolved }) {
  if (resolved === undefined) {
    return [{ rule: "broken import", message: `${file} imports "${specifier}", which was not built.` }];
  }
  if (resolved.startsWith(`${from.folder}/`)) return [];
  return [{ rule: "forbidden import", message: `${file} reaches out of its package with "${specifier}".` }];
}

/** @param {PackageImport} edge @param {string} name @returns {Violation[]} */
function judgeDeclaration({ from, file, specifier }, name) {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = from.manifest;
  // What is never published may take from devDependencies too: they are always installed where it runs.
  const declared = [dependencies, peerDependencies, optionalDependencies, from.manifest.private ? devDependencies : {}];
  if (declared.some((section) => section !== undefined && Object.hasOwn(section, name))) return [];
  const where = `${from.folder}/package.json`;
  return [
    { rule: "undeclared dependency", message: `${file} imports "${specifier}", which ${where} does not declare.` },
  ];
}

/** @param {PackageImport} edge @param {WorkspacePackage} target @param {string} subpath @returns {Violation[]} */
function judgeLayer({ from, file, specifier, typeOnly }, target, subpath) {
  const to = subpath === "" ? target.folder : `${target.folder}/${subpath}`;
  const verdict = judgeImport(from.folder, to);
  if (verdict === "allowed") return [];
  const what = `${file} imports ${typeOnly ? "types of " : ""}"${specifier}"`;
  const why = verdict === "no rule" ? "has no row in import-rules.mjs" : `may import: ${describeAllowed(from.folder)}`;
  return [{ rule: "forbidden import", message: `${what}, but ${from.folder} ${why}.` }];
}

/** @param {readonly WorkspacePackage[]} packages @returns {Violation[]} */
function runtimeDependencies(packages) {
  const alone = packages.find(({ folder }) => folder === DEPENDENCY_FREE);
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = alone?.manifest ?? {};
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }).map((name) => ({
    rule: "runtime dependency",
    message: `${DEPENDENCY_FREE}/package.json declares ${name}, but core has no runtime dependency.`,
  }));
}

/** @param {Graph} graph @returns {Violation[]} */
function cycles({ packages, imports }) {
  const files = imports.flatMap(({ file, specifier, resolved }) =>
    isRelative(specifier) && resolved !== undefined ? [{ from: file, to: resolved }] : [],
  );
  const edges = packageEdges(packages, imports).filter((edge) => edge.inWorkspace);
  const between = edges.map(({ from, to }) => ({ from: from.name, to }));
  return [...findCycles(adjacency(files)), ...findCycles(adjacency(between))].map((path) => ({
    rule: "cycle",
    message: path.join(" -> "),
  }));
}

/**
 * @param {readonly { from: string, to: string }[]} edges
 * @returns {Map<string, Set<string>>}
 */
function adjacency(edges) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  for (const { from, to } of edges) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return graph;
}
