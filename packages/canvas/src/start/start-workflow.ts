import { randomUUID } from "node:crypto";
import type { App, SendOptions, SignatureLike } from "@celeriac/core";
import { ArgumentError, currentSender, Sending } from "@celeriac/core";
import { sentForm } from "../composite/sent-form.js";
import { runEagerly } from "../eager/run-eagerly.js";
import type { Plan } from "../plan/plan.js";
import { plan } from "../plan/plan.js";
import type { PlannedStep } from "../plan/planned-task.js";
import { createSource } from "../results/open-result.js";
import type { WorkflowHandle } from "../results/workflow-handle.js";
import { carryOut } from "../run/carry-out.js";
import type { RestOf, ResultOf } from "../step.js";
import { checkChords } from "./check-chords.js";
import { taskNotes } from "./task-notes.js";

/** A workflow on its way: awaited it yields the handle of its result. */
export type WorkflowSending<Result> = Sending<Result, unknown, WorkflowHandle<Result>>;

/**
 * Sends a workflow through an app: what `workflow.delay()` does when the app is known from the workflow's tasks. A running
 * task that sends it is its parent. In eager mode it runs here, wholly.
 * @param args - Put before the workflow's own.
 * @param options - For the first messages: a chain's first step, all of a group, header and body of a chord.
 * @returns Resolves once the broker has all messages; what the broker or the store says comes as its rejection.
 * @throws CeleriacError `CHORDS_UNSUPPORTED`, `CHORD_IGNORES_RESULT`; ArgumentError for an empty chain and for what cannot
 * be meant; ConfigError for an app without a broker.
 */
export function startWorkflow<Flow extends SignatureLike>(
  app: App,
  workflow: Flow,
  ...call: StartArguments<RestOf<Flow>>
): WorkflowSending<ResultOf<Flow>> {
  const [args = [], options = {}]: readonly [args?: readonly unknown[], options?: SendOptions] = call;
  return startUntyped(app, workflow, args, options) as WorkflowSending<ResultOf<Flow>>; // what the workflow's type says
}

/** The arguments may be left out when none are missing. */
export type StartArguments<Rest extends readonly unknown[]> = [] extends Rest
  ? [args?: Rest, options?: SendOptions]
  : [args: Rest, options?: SendOptions];

/** `startWorkflow` for those who have checked the types. @throws like it. */
export function startUntyped(
  app: App,
  workflow: SignatureLike,
  args: readonly unknown[],
  options: SendOptions,
): WorkflowSending<unknown> {
  const isEager = app.settings.taskAlwaysEager;
  checkChords(app, sentForm(workflow));
  const planned = planHere(app, workflow, args, options);
  const { result } = planned;
  if (result === null) throw new ArgumentError("An empty chain sends nothing. Give chain() at least one step.");
  if (isEager) {
    recordChild(planned, options);
    const run = runEagerly(app, planned);
    return sending(app, { result, backend: run.results, published: run.done, isEager }, planned);
  }
  void app.broker; // an app without one says so now
  const steps = planned.steps.map((step) => withDeadline(step, options));
  recordChild(planned, options);
  return sending(app, { result, backend: app.backend, published: carryOut(app, steps), isEager }, planned);
}

function planHere(app: App, workflow: SignatureLike, args: readonly unknown[], options: SendOptions): Plan {
  const sender = currentSender()?.context.request;
  return plan(workflow, {
    newId: randomUUID,
    replyTo: app.oid,
    args,
    options,
    errbacksOnChordHeader: app.settings.taskAllowErrorCbOnChordHeader,
    ...(sender === undefined ? {} : { rootId: sender.rootId, parentId: sender.id }),
  });
}

function recordChild({ child }: Plan, { addToParent }: SendOptions): void {
  if (child !== null && addToParent !== false) currentSender()?.children.push(child);
}

/** What belongs to this call alone does not travel, but each publish obeys it. */
function withDeadline(step: PlannedStep, { publishTimeout, signal }: SendOptions): PlannedStep {
  if (step.kind !== "publish" || (publishTimeout === undefined && signal === undefined)) return step;
  const options = {
    ...step.task.options,
    ...(publishTimeout === undefined ? {} : { publishTimeout }),
    ...(signal === undefined ? {} : { signal }),
  };
  return { kind: "publish", task: { ...step.task, options } };
}

function sending(
  app: App,
  from: {
    readonly result: NonNullable<Plan["result"]>;
    readonly backend: App["backend"];
    readonly published: Promise<void>;
    readonly isEager: boolean;
  },
  { steps }: Plan,
): WorkflowSending<unknown> {
  const { result, backend, published, isEager } = from;
  const notes = isEager ? new Map<string, never>() : taskNotes(app, steps);
  const handle = createSource({ app, backend, published, notes, isEager }).open(result);
  const [[id]] = result;
  return new Sending<unknown, unknown, WorkflowHandle<unknown>>(handle, published, (error) =>
    app.logger.error({ taskId: id, error: String(error) }, "the send of a workflow that nobody awaited has failed"),
  );
}
