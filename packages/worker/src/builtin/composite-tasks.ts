import { randomUUID } from "node:crypto";
import { carryOut, chord, defineBuiltin, fromJSON, group, isRecord, listIn, plan, signatureIn } from "@celeriac/canvas";
import type { App, SignatureLike, TaskContext, TaskDefinition } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";

/**
 * Composites that came as a task of their own, as old peers send them: they are sent on as what they stand for, and return
 * their result's tuple. @see Celery `celery/app/builtins.py`; PROTOCOL 11.5.
 */
export function compositeTasks(app: App): readonly TaskDefinition[] {
  return [
    defineBuiltin(
      "celery.group",
      ["tasks", "result", "group_id", "partial_args", "add_to_parent"],
      (context, tasks, _result, groupId, args) => {
        const members = listIn(tasks, "tasks").map((task) => fromJSON(signatureIn(task, "tasks[]")));
        const id = typeof groupId === "string" ? { taskId: groupId } : {};
        return sendWithin(app, context, group(members).set(id), args);
      },
    ),
    defineBuiltin(
      "celery.chord",
      ["header", "body", "partial_args", "interval", "countdown", "max_retries", "eager"],
      (context, header, body, args) => {
        const members = isRecord(header)
          ? fromJSON(signatureIn(header, "header"))
          : listIn(header, "header").map((task) => fromJSON(signatureIn(task, "header[]")));
        return sendWithin(app, context, chord(members, fromJSON(signatureIn(body, "body"))), args);
      },
    ),
    defineBuiltin("celery.chain", [], () => {
      throw new ArgumentError("A chain is not a task: send its first step, with the others in the message.");
    }),
  ];
}

/** Sends a workflow from within a task, and gives its result's tuple. */
export async function sendWithin(
  app: App,
  { request }: TaskContext,
  workflow: SignatureLike,
  args?: unknown,
): Promise<unknown> {
  const given = Array.isArray(args) ? args : [];
  const { steps, result } = plan(workflow, {
    newId: randomUUID,
    rootId: request.rootId,
    parentId: request.id,
    args: given,
  });
  await carryOut(app, steps);
  return result;
}
