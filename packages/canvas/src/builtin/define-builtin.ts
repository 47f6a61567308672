import type { TaskContext, TaskDefinition, TaskOptions } from "@celeriac/core";

/** A task of the worker's own. Its arguments are named like those of Celery's, which may be sent by place or by name. */
export function defineBuiltin(
  name: string,
  params: readonly string[],
  run: (context: TaskContext, ...args: readonly unknown[]) => unknown,
  options: TaskOptions = {},
): TaskDefinition {
  return {
    name,
    options,
    sendDefaults: {},
    style: "positional",
    params,
    minArgs: 0,
    arity: params.length,
    run: (context, args) => run(context, ...args),
  };
}
