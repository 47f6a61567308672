import type { ErrbackCall } from "@celeriac/canvas";
import type { App, Logger, TaskDefinition, TaskRequest } from "@celeriac/core";
import { decodeTask, encodeTask } from "@celeriac/core";
import { errbackRequest, errbackTask } from "../builtin/errback-task.js";
import type { Attempt, Pool } from "../pool/pool.js";
import { textOfException } from "../trace/report-ending.js";

export interface ErrbackRunnerOptions {
  readonly app: App;
  readonly pool: Pool;
  readonly hostname: string;
  readonly log: Logger;
}

/** Calls error callbacks in the pool, beside its tasks: they are user code. What they throw is logged. */
export function createErrbackRunner(options: ErrbackRunnerOptions): (call: ErrbackCall) => Promise<void> {
  const { app, pool, hostname, log } = options;
  const definition = errbackTask(app);
  return async (call) => {
    const ending = await pool.run(attemptOf(definition, readRequest(app, call), hostname));
    const fields = { errback: call.signature.task, taskId: call.failed.id };
    if (ending.kind === "failure") {
      log.error(
        { ...fields, error: textOfException(ending.exception), traceback: ending.traceback },
        "an error callback failed",
      );
    } else if (ending.kind !== "success") {
      log.error({ ...fields, ending: ending.kind }, "an error callback did not come to its end");
    }
  };
}

/** As if it had come as a message: children of a pool decode it again. */
function readRequest(app: App, call: ErrbackCall): TaskRequest {
  return decodeTask(encodeTask(errbackRequest(call)), {
    serializers: app.serializers,
    compressions: app.compressions,
    acceptContent: app.serializers.accept(["json"]),
    nowMs: app.clock.now(),
  });
}

function attemptOf(definition: TaskDefinition, request: TaskRequest, hostname: string): Attempt {
  return {
    definition,
    request,
    hostname,
    timeLimit: null,
    softTimeLimit: null,
    begin: async () => true,
    updateState: async () => undefined,
  };
}
