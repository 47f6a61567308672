import type { App } from "@celeriac/core";
import { bindArguments, callDirectly, decodeException } from "@celeriac/core";
import { taskNamed } from "../builtin/read-argument.js";
import type { ErrbackCall } from "../follow/consequence.js";

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
