import { randomUUID } from "node:crypto";
import type { ErrbackCall, FailedRequest } from "@celeriac/canvas";
import { callErrback, defineBuiltin, signatureIn } from "@celeriac/canvas";
import type { App, OutgoingTask, TaskDefinition } from "@celeriac/core";

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
