/** Results by id, and by whose tasks they were sent. A group is one node, with its members behind it. */
export interface ResultGraph {
  /** Id of the result it was asked of. */
  readonly root: string;
  /** Ids of the children of each result; none for one that has sent nothing, or is not ready. */
  readonly edges: ReadonlyMap<string, readonly string[]>;
  /** Text for Graphviz. @see Celery `celery/utils/graph.py`. */
  toDot(): string;
}

export function createResultGraph(root: string, edges: ReadonlyMap<string, readonly string[]>): ResultGraph {
  return { root, edges, toDot: () => toDot(root, edges) };
}

const SHARED = { shape: "oval", arrowhead: "vee", style: "filled", fontname: "HelveticaNeue" };
const GRAPH = { ...SHARED, bgcolor: "mintcream" };
const NODE = { ...SHARED, fillcolor: "palegreen3", color: "palegreen4" };
const LEAF = { ...SHARED, fillcolor: "palegreen1", color: "palegreen2" };
const EDGE = { ...SHARED, color: "darkseagreen4", arrowcolor: "black", arrowsize: "0.7" };

function toDot(root: string, edges: ReadonlyMap<string, readonly string[]>): string {
  const lines = ["digraph dependencies {", `    graph [${attributes({ ...GRAPH, root })}]`];
  for (const [id, children] of edges) {
    lines.push(`    ${quote(id)} [${attributes(children.length === 0 ? LEAF : NODE)}]`);
    for (const child of children) lines.push(`    ${quote(id)} -> ${quote(child)} [${attributes(EDGE)}]`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(", ");
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
