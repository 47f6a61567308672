import type { App, TaskContext, TaskDefinition, WireSignature } from "@celeriac/core";
import { callDirectly } from "@celeriac/core";
import { chunkGroup, makeMap } from "../composite/maps.js";
import { defineBuiltin } from "./define-builtin.js";
import { listIn, signatureIn, taskNamed } from "./read-argument.js";

/** Sends a group from within a task, and gives its result's tuple. */
export type SendGroup = (group: WireSignature, context: TaskContext) => unknown;

/**
 * Tasks that call another one per item, one after the other, within themselves. Chunks inside another workflow travel as one
 * task, which sends their group. @see Celery `celery/app/builtins.py`.
 */
export function mapTasks(app: App, sendGroup: SendGroup): readonly TaskDefinition[] {
  return [
    defineBuiltin("celery.map", ["task", "it"], async (_context, task, items) => {
      const definition = taskNamed(app.tasks, signatureIn(task, "task"));
      const results: unknown[] = [];
      for (const item of listIn(items, "it")) results.push(await callDirectly(app, definition, [item]));
      return results;
    }),
    defineBuiltin("celery.starmap", ["task", "it"], async (_context, task, items) => {
      const definition = taskNamed(app.tasks, signatureIn(task, "task"));
      const results: unknown[] = [];
      for (const item of listIn(items, "it")) results.push(await callDirectly(app, definition, listIn(item, "it[]")));
      return results;
    }),
    defineBuiltin("celery.chunks", ["task", "it", "n"], (context, task, items, n) => {
      const it = listIn(items, "it").map((item) => listIn(item, "it[]"));
      return sendGroup(chunkGroup(makeMap("celery.chunks", { task: signatureIn(task, "task"), it, n })), context);
    }),
  ];
}
