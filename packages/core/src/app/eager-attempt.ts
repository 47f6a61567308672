import { hostname } from "node:os";
import { NotRegistered } from "../errors/index.js";
import type { Surroundings } from "../execution/engine-context.js";
import type { Outcome } from "../execution/outcome.js";
import { runTask } from "../execution/run-task.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import { createCompressions, decodeTask, encodeException, encodeTask, jsonSerializer } from "../protocol/index.js";
import type { ResultMeta } from "../protocol/result-meta.js";
import type { OutgoingTask, TaskRequest } from "../protocol/task-request.js";
import { nearest } from "../settings/index.js";
import type { SignatureLike } from "../signature/send-options.js";
import type { App } from "./app.js";
import type { TaskCall } from "./plan-send.js";
import { planSend } from "./plan-send.js";

/** What eager attempts may know beside their app. */
export interface EagerHooks extends Pick<Surroundings, "addToChord"> {
  /** Tasks beside those of the app, which win. */
  readonly builtins?: ReadonlyMap<string, TaskDefinition>;
}

/** A task that was run here to its end, retries included. */
export interface EagerAttempt {
  /** As the last attempt got it. */
  readonly request: TaskRequest;
  readonly outcome: Outcome;
  /** States it reported on its way. */
  readonly progress: readonly ResultMeta[];
  /** What takes over, when the outcome is `replace`: with its methods, which the outcome has not. */
  readonly replacement: SignatureLike | undefined;
}

/**
 * A call that has its id as it would be sent: through the codec, so that the task gets what a worker would give it. What
 * it does not say of its parents is left empty.
 * @throws ArgumentError, EncodeError, QueueNotFound, as a send does.
 */
export function planEagerly(app: App, call: Omit<TaskCall, "definition">, id: string): OutgoingTask {
  const { outgoing } = planSend(
    { ...call, definition: app.tasks.get(call.name) },
    {
      settings: app.settings,
      router: app.router,
      origin: `gen${process.pid}@${hostname()}`,
      oid: app.oid,
      nowMs: app.clock.now(),
      id,
      parent: undefined,
    },
  );
  return outgoing;
}

/** Runs a task here, without waiting for its ETA and between retries. Never rejects for what the task throws. */
export async function attemptEagerly(app: App, outgoing: OutgoingTask, hooks: EagerHooks = {}): Promise<EagerAttempt> {
  let request = receive(app, outgoing);
  const progress: ResultMeta[] = [];
  const task = app.tasks.get(request.task) ?? hooks.builtins?.get(request.task);
  if (task === undefined) return { request, outcome: unknownTask(app, request.task), progress, replacement: undefined };
  let replacement: SignatureLike | undefined;
  const onReplace = (signature: SignatureLike): void => {
    replacement = signature;
  };
  for (;;) {
    const outcome = await runTask(task, request, surroundingsOf(app, request.id, progress, { ...hooks, onReplace }));
    if (outcome.kind !== "retry") return { request, outcome, progress, replacement };
    const { args, kwargs } = outcome.plan;
    request = {
      ...request,
      retries: request.retries + 1,
      args: args ?? request.args,
      kwargs: kwargs ?? request.kwargs,
    };
  }
}

/** The rest of a workflow is handed on as it is: encoding it for each step would take the square of its length. */
function receive(app: App, { embed, ...outgoing }: OutgoingTask): TaskRequest {
  const message = encodeTask(outgoing, { serializer: jsonSerializer });
  const request = decodeTask(message, {
    serializers: app.serializers,
    compressions: createCompressions(),
    acceptContent: app.serializers.accept(["json"]),
    nowMs: app.clock.now(),
  });
  return { ...request, embed: { ...request.embed, ...embed } };
}

function surroundingsOf(
  app: App,
  taskId: string,
  progress: ResultMeta[],
  { addToChord, onReplace }: Pick<Surroundings, "addToChord" | "onReplace">,
): Surroundings {
  const abort = new AbortController();
  return {
    hostname: "",
    log: app.logger,
    isEager: true,
    signal: () => abort.signal,
    updateState: async (status, meta) => {
      progress.push({ taskId, status, result: meta, traceback: null, children: null, dateDoneMs: null, extra: {} });
    },
    ...(addToChord === undefined ? {} : { addToChord }),
    ...(onReplace === undefined ? {} : { onReplace }),
    now: () => app.clock.now(),
    random: Math.random,
  };
}

function unknownTask(app: App, name: string): Outcome {
  const error = new NotRegistered(name, nearest(name, app.tasks.keys()));
  return { kind: "failure", exception: encodeException(error), traceback: "", children: [], expected: false };
}
