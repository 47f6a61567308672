import { accumulateTask, callErrback, defineBuiltin, mapTasks } from "@celeriac/canvas";
import type { App, TaskDefinition } from "@celeriac/core";
import { compositeTasks, sendWithin } from "./composite-tasks.js";
import { ERRBACK_TASK, errbackTask } from "./errback-task.js";
import { unlockChordTask } from "./unlock-chord.js";

/** Tasks that every worker has besides those of its app, which win. @see PROTOCOL 11.5. */
export function builtinTasks(app: App): ReadonlyMap<string, TaskDefinition> {
  const all = [
    ...mapTasks(app, (group, context) => sendWithin(app, context, { toJSON: () => group })),
    accumulateTask,
    ...compositeTasks(app),
    unlockChordTask(app, (call) => callErrback(app, call)),
    defineBuiltin("celery.backend_cleanup", [], async () => {
      const { resultExpires } = app.settings;
      if (resultExpires !== null && resultExpires > 0) await app.backend?.cleanup?.(1000 * resultExpires);
    }),
  ];
  return new Map(all.map((task) => [task.name, task]));
}

/** What runs where the app's tasks run, the worker's own errands included. */
export function runnableTask(
  app: App,
  builtins: ReadonlyMap<string, TaskDefinition>,
  name: string,
): TaskDefinition | undefined {
  return app.tasks.get(name) ?? builtins.get(name) ?? (name === ERRBACK_TASK ? errbackTask(app) : undefined);
}
