// @ts-check
/**
 * `pnpm check:graph`: fails when a package imports what it may not (import-rules.mjs), what its package.json does not
 * declare, or in a circle; and when it read nothing. `--text` and `--dot` print the graph of packages as well.
 */
import { workspaceRoot } from "../workspace/workspace-root.mjs";
import { drawDot, drawText } from "./draw-graph.mjs";
import { findViolations } from "./find-violations.mjs";
import { packageEdges } from "./package-edges.mjs";
import { readGraph } from "./read-graph.mjs";

const graph = await readGraph(workspaceRoot);
const edges = packageEdges(graph.packages, graph.imports);
if (process.argv.includes("--dot")) console.log(drawDot(graph.packages, edges));
if (process.argv.includes("--text")) console.log(drawText(graph.packages, edges));

const violations = findViolations(graph);
for (const { rule, message } of violations) console.error(`${rule}: ${message}`);

const modules = [...graph.moduleCounts.values()].reduce((sum, count) => sum + count, 0);
const verdict = violations.length === 0 ? "all allowed" : `${violations.length} problems`;
// Standard error keeps `--dot` output clean for a pipe.
console.error(`${modules} modules in ${graph.packages.length} packages, ${graph.imports.length} imports: ${verdict}.`);
process.exitCode = violations.length === 0 ? 0 : 1;
