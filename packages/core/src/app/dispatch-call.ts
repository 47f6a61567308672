import { currentSender } from "../execution/task-context.js";
import type { Broker, ReplyQueue, ResultBackend } from "../ports/index.js";
import { encodeTask } from "../protocol/index.js";
import { parseDuration } from "../settings/index.js";
import type { App } from "./app.js";
import type { Assembly } from "./assemble.js";
import { createEagerHandle, newTaskId, runEagerly } from "./eager.js";
import type { SendPlan, TaskCall } from "./plan-send.js";
import { planSend } from "./plan-send.js";
import { oncePublisher, publish, repliesFirst } from "./publish.js";
import { createResultHandle } from "./result-handle.js";
import { Sending } from "./sending.js";

/** What a call needs of its app: opened on the first send. */
export interface DispatchTarget {
  readonly app: App;
  readonly assembly: Assembly;
  /** `gen<pid>@<host>`. */
  readonly origin: string;
  readonly broker: () => Broker;
  readonly backend: () => ResultBackend | undefined;
}

/**
 * Sends one call: plans it, encodes it, publishes it; or runs it here in eager mode.
 * @throws ArgumentError, EncodeError, ConfigError, QueueNotFound at once, before anything is sent; what the broker says
 * comes as the rejection of the `Sending`.
 */
export function dispatchCall<Result>(call: TaskCall, target: DispatchTarget): Sending<Result> {
  const { app, assembly } = target;
  const parent = currentSender();
  const id = call.options.taskId ?? newTaskId();
  const plan = planSend(call, {
    settings: assembly.settings,
    router: assembly.router,
    origin: target.origin,
    oid: app.oid,
    nowMs: assembly.clock.now(),
    id,
    parent: parent?.context.request,
  });
  const onUnseen = (error: unknown): void =>
    assembly.logger.error({ taskId: id, task: call.name, error: String(error) }, "a send that nobody awaited failed");
  const recordChild = (): void => {
    if (call.options.addToParent !== false) parent?.children.push([[id, null], null]);
  };
  if (assembly.settings.taskAlwaysEager) {
    recordChild();
    const ran = runEagerly(app, plan.outgoing);
    const done = ran.then(() => undefined);
    return new Sending<Result>(createEagerHandle(id, call.name, ran), done, onUnseen);
  }
  const message = encodeTask(plan.outgoing, {
    serializer: assembly.serializers.byName(plan.serializer),
    ...(plan.compression === null ? {} : { compression: assembly.compressions.byName(plan.compression) }),
  });
  const { publishTimeout, signal } = call.options;
  const policy =
    publishTimeout === undefined
      ? assembly.policy
      : { ...assembly.policy, deadlineMs: 1000 * parseDuration(publishTimeout) };
  const broker = target.broker();
  const backend = target.backend();
  recordChild();
  const chosen = call.once === true ? oncePublisher(broker, onceKey(id, call)) : broker;
  const replies = repliesTo(plan, backend);
  const publisher = replies === undefined ? chosen : repliesFirst(chosen, replies, assembly.clock);
  const published = publish(publisher, message, plan.route, policy, assembly.clock, signal);
  const source = { backend, ignored: plan.ignoreResult, published };
  return new Sending<Result>(createResultHandle<Result>(source, id, { taskName: call.name }), published, onUnseen);
}

/** Where the result will be sent, if that is here. */
function repliesTo(plan: SendPlan, backend: ResultBackend | undefined): ReplyQueue | undefined {
  const replies = backend?.replies;
  return plan.ignoreResult || plan.outgoing.replyTo !== replies?.address ? undefined : replies;
}

/** What replaces a task is sent under its id: another message, with another key. */
function onceKey(id: string, { replacedTaskNesting = 0 }: TaskCall): string {
  return replacedTaskNesting === 0 ? id : `${id}.${replacedTaskNesting}`;
}
