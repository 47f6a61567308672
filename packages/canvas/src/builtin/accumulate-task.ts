import type { TaskDefinition } from "@celeriac/core";

/** Returns its arguments, or one of them: ends a group that has replaced a task. @see PROTOCOL 11.5. */
export const accumulateTask: TaskDefinition = {
  name: "celery.accumulate",
  options: {},
  sendDefaults: {},
  style: "raw",
  minArgs: 0,
  arity: 0,
  run: ({ request }) => {
    const { index } = request.kwargs;
    return typeof index === "number" ? request.args.at(index) : request.args;
  },
};
