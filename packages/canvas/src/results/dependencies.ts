/**
 * The tree of what tasks have sent, read back from the store.
 * @module
 */
import type { GetOptions } from "@celeriac/core";
import { CeleriacError } from "@celeriac/core";
import type { ResultGraph } from "./result-graph.js";
import { createResultGraph } from "./result-graph.js";
import type { Dependency, FollowOptions, WorkflowHandle } from "./workflow-handle.js";

/** Each result is handed out before anybody asks whether it is ready: who waits for it there gets the whole tree. */
export async function* iterateDependencies(
  root: WorkflowHandle<unknown>,
  { intermediate = false }: FollowOptions,
): AsyncGenerator<Dependency, void, undefined> {
  const waiting: Dependency[] = [{ parent: undefined, node: root }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    yield next;
    const { node } = next;
    if (await node.ready()) {
      for (const child of await node.children()) waiting.push({ parent: node, node: child });
    } else if (!intermediate) {
      throw new CeleriacError(
        `${node.id} is not ready, so what it will send is not known yet. Wait for it, or pass { intermediate: true }.`,
        { code: "RESULT_INCOMPLETE", retryable: true },
      );
    }
  }
}

export async function* collectDependencies(
  root: WorkflowHandle<unknown>,
  options: GetOptions,
): AsyncGenerator<readonly [WorkflowHandle<unknown>, unknown], void, undefined> {
  for await (const { node } of iterateDependencies(root, {})) yield [node, await node.get(options)];
}

export async function graphOf(root: WorkflowHandle<unknown>, options: FollowOptions): Promise<ResultGraph> {
  const edges = new Map<string, string[]>();
  for await (const { parent, node } of iterateDependencies(root, options)) {
    if (!edges.has(node.id)) edges.set(node.id, []);
    if (parent !== undefined) edges.get(parent.id)?.push(node.id);
  }
  return createResultGraph(root.id, edges);
}
