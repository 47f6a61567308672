import { randomUUID } from "node:crypto";
import { carryOut, chunks, fromJSON, plan } from "@celeriac/canvas";
import type { App, TaskContext, TaskDefinition } from "@celeriac/core";
import { ArgumentError, callDirectly } from "@celeriac/core";
import { defineBuiltin } from "./define-builtin.js";
import { listIn, numberIn, signatureIn, taskNamed } from "./read-argument.js";

/** One call per item, one after the other, in the message's own task. @see Celery `celery/app/builtins.py`. */
export function mapTasks(app: App): readonly TaskDefinition[] {
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
    defineBuiltin("celery.chunks", ["task", "it", "n"], (context, task, items, size) =>
      sendChunks(app, context, task, items, size),
    ),
  ];
}

/** Chunks inside another workflow travel as one task, which sends their group and returns its result's tuple. */
async function sendChunks(
  app: App,
  { request }: TaskContext,
  task: unknown,
  items: unknown,
  size: unknown,
): Promise<unknown> {
  const count = numberIn(size);
  if (count === undefined) throw new ArgumentError(`n must be a number, not ${typeof size}.`);
  const calls = listIn(items, "it").map((item) => [...listIn(item, "it[]")]);
  const workflow = chunks(fromJSON(signatureIn(task, "task")), calls, count);
  const { steps, result } = plan(workflow, { newId: randomUUID, rootId: request.rootId, parentId: request.id });
  await carryOut(app, steps);
  return result;
}
