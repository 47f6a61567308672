import type { App, TaskDefinition, WireSignature } from "@celeriac/core";
import { ArgumentError, callDirectly, NotRegistered, nearest } from "@celeriac/core";
import { chunkGroup, makeMap } from "../composite/maps.js";
import { isSignature } from "../composite/parts.js";

/** Celery's own tasks that workflows are made of, for where no worker brings them. @see PROTOCOL 11.5. */
export function builtinTasks(
  app: App,
  /** Sends a group from within a task and gives its result's tuple. */
  sendGroup: (group: WireSignature, parentId: string, rootId: string) => unknown,
): ReadonlyMap<string, TaskDefinition> {
  const callEach = async (kwargs: Kwargs, argsOf: (item: unknown) => readonly unknown[]): Promise<unknown[]> => {
    const definition = definitionOf(app, kwargs.task);
    const results: unknown[] = [];
    for (const item of listIn(kwargs.it)) results.push(await callDirectly(app, definition, argsOf(item)));
    return results;
  };
  const tasks = [
    builtin("celery.map", ({ request }) => callEach(request.kwargs, (item) => [item])),
    builtin("celery.starmap", ({ request }) => callEach(request.kwargs, listIn)),
    builtin("celery.chunks", ({ request: { kwargs, id, rootId } }) =>
      sendGroup(chunkGroup(makeMap("celery.chunks", kwargs)), id, rootId),
    ),
    builtin("celery.accumulate", ({ request: { args, kwargs } }) =>
      typeof kwargs.index === "number" ? args.at(kwargs.index) : args,
    ),
  ];
  return new Map(tasks.map((task) => [task.name, task]));
}

type Kwargs = Readonly<Record<string, unknown>>;

function builtin(name: string, run: TaskDefinition["run"]): TaskDefinition {
  return { name, options: {}, sendDefaults: {}, style: "raw", minArgs: 0, arity: 0, run };
}

function definitionOf(app: App, signature: unknown): TaskDefinition {
  if (!isSignature(signature)) throw new ArgumentError("task must be a signature: give what .s() makes.");
  const definition = app.tasks.get(signature.task);
  if (definition !== undefined) return definition;
  throw new NotRegistered(signature.task, nearest(signature.task, app.tasks.keys()));
}

function listIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ArgumentError(`A list is needed, not ${value === null ? "null" : typeof value}.`);
}
