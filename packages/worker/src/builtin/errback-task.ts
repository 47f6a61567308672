import { randomUUID } from "node:crypto";
import type { App, OutgoingTask, TaskDefinition } from "@celeriac/core";
import { bindArguments, callDirectly, decodeException } from "@celeriac/core";
import type { ErrbackCall, FailedRequest } from "../settle/effect.js";
import { defineBuiltin } from "./define-builtin.js";
import { signatureIn, taskNamed } from "./read-argument.js";

/** Never sent: how an error callback travels to the process where tasks run. */
export const ERRBACK_TASK = "celeriac.call_errback";

/** An error callback as a task of its own. */
export function errbackRequest({ signature, failed, exception, traceback }: ErrbackCall): OutgoingTask {
  return {
    id: randomUUID(),
    task: ERRBACK_TASK,
    args: [signature, failed, exception, traceback],
    kwargs: {},
    rootId: failed.rootId,
    parentId: failed.id,
    ignoreResult: true,
  };
}

export function errbackTask(app: App): TaskDefinition {
  return defineBuiltin(
    ERRBACK_TASK,
    ["signature", "request", "exception", "traceback"],
    (_context, signature, request, exception, traceback) =>
      callErrback(app, {
        signature: signatureIn(signature, "signature"),
        failed: request as FailedRequest, // as errbackRequest made it: nobody else can send this task
        exception: exception as ErrbackCall["exception"],
        traceback: typeof traceback === "string" ? traceback : null,
      }),
  );
}

/**
 * Calls an error callback with the request, the error and the traceback, before the signature's own arguments; an immutable
 * one with its own only.
 * @throws what the callback throws.
 */
export async function callErrback(app: App, call: ErrbackCall): Promise<void> {
  const { signature, failed, exception, traceback } = call;
  const error = decodeException(exception, { taskId: failed.id, traceback, state: "FAILURE" });
  const definition = taskNamed(app.tasks, signature);
  const args = signature.immutable ? signature.args : [failed, error, traceback, ...signature.args];
  await callDirectly(app, definition, await bindArguments(definition, args, signature.kwargs));
}
