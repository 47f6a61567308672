/**
 * Runs planned steps without a broker, a worker or a store: what a worker does after a task, in memory. Tasks run one at a
 * time, and what follows them waits in a queue, so that long chains need no stack.
 * @module
 */
import type {
  App,
  ChordPart,
  EagerAttempt,
  ResultRecord,
  TaskDefinition,
  TaskRequest,
  WireException,
  WireSignature,
} from "@celeriac/core";
import {
  ArgumentError,
  attemptEagerly,
  CeleriacError,
  currentTask,
  decodeJson,
  eagerRecord,
  encodeException,
  encodeJson,
  planEagerly,
} from "@celeriac/core";
import { accumulateTask } from "../builtin/accumulate-task.js";
import { mapTasks } from "../builtin/map-tasks.js";
import type { Consequence } from "../follow/consequence.js";
import type { FollowedTask, FollowSettings } from "../follow/follow-up.js";
import { followerIds } from "../follow/follower-ids.js";
import { headerResults, planBody } from "../follow/join.js";
import type { FailureContext } from "../follow/plan-failure.js";
import { planBodyFailure, planFailure, planPart } from "../follow/plan-failure.js";
import { planReplacement } from "../follow/replacement.js";
import { followSettings } from "../follow/settings.js";
import { planSuccessors } from "../follow/successors.js";
import { planWire } from "../plan/plan.js";
import type { PlannedStep, PlannedTask } from "../plan/planned-task.js";
import { callErrback } from "../run/call-errback.js";
import type { ChordTally } from "./chord-tally.js";
import { createChordTally } from "./chord-tally.js";
import type { MemoryResults } from "./memory-results.js";
import { createMemoryResults } from "./memory-results.js";

export class EagerEngine {
  readonly results: MemoryResults = createMemoryResults();
  readonly #app: App;
  readonly #settings: FollowSettings;
  readonly #queue: PlannedTask[] = [];
  readonly #chords: ChordTally = createChordTally();
  readonly #builtins: ReadonlyMap<string, TaskDefinition>;
  #firstFailure: ResultRecord | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#settings = followSettings(app.settings);
    const maps = mapTasks(app, (group, { request: { id: parentId, rootId } }) => {
      const added = { args: [], kwargs: {}, options: {} };
      const { steps, result } = planWire(group, added, { newId: followerIds(parentId, "chunks"), rootId, parentId });
      this.#enqueue(steps);
      return result;
    });
    this.#builtins = new Map([...maps, accumulateTask].map((task) => [task.name, task]));
  }

  /** Of the first task that failed by itself. */
  get firstFailure(): ResultRecord | undefined {
    return this.#firstFailure;
  }

  /** Does the steps and all that follows from them. */
  async run(steps: readonly PlannedStep[]): Promise<void> {
    this.#enqueue(steps);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#attempt(next);
  }

  /** A task that nothing more will happen to: who waits for it is told so. */
  async closeOpen(taskId: string): Promise<void> {
    const status = this.results.read(taskId)?.status;
    if (status === "SUCCESS" || status === "FAILURE") return;
    const error = new CeleriacError(`Task ${taskId} ended ${status ?? "unsent"}: it has no result.`, {
      code: "NO_RESULT",
    });
    await this.#store(this.#failureRecord(taskId, encodeException(error), null));
  }

  #enqueue(steps: readonly PlannedStep[]): void {
    for (const step of steps) {
      if (step.kind === "publish") this.#queue.push(step.task);
      if (step.kind === "setChordSize") this.#chords.setSize(step.groupId, step.size);
      if (step.kind === "saveGroup") void this.results.groups.save(step.groupId, step.tuple);
    }
  }

  async #attempt(task: PlannedTask): Promise<void> {
    const { id, task: name, args, kwargs, embed, rootId, parentId, group, groupIndex, replacedTaskNesting } = task;
    const options = {
      ...task.options,
      kwargs,
      rootId,
      ...(parentId === null ? {} : { parentId }),
      ...(group === null ? {} : { groupId: group }),
      ...(groupIndex === null ? {} : { groupIndex }),
    };
    const outgoing = planEagerly(this.#app, { name, args, options, embed, replacedTaskNesting }, id);
    const hooks = { builtins: this.#builtins, addToChord: this.#chordExtender() };
    const attempt = await attemptEagerly(this.#app, outgoing, hooks);
    attempt.progress.forEach(this.results.report);
    await this.#settle(attempt);
  }

  async #settle({ request, outcome }: EagerAttempt): Promise<void> {
    switch (outcome.kind) {
      case "success": {
        const follow = planSuccessors(request, decodeJson(outcome.result), this.#settings);
        const children = [...outcome.children, ...follow.children];
        await this.#store(eagerRecord(this.#app, request, { ...outcome, children }));
        this.#enqueue(follow.steps);
        await this.#performAll(planPart(request, "SUCCESS", outcome.result), request);
        return;
      }
      case "failure":
        await this.#fail(request, outcome.exception, eagerRecord(this.#app, request, outcome));
        return;
      case "replace":
        await this.#replace(request, outcome.signature);
        return;
      default:
        await this.#store(eagerRecord(this.#app, request, outcome));
    }
  }

  async #replace(request: TaskRequest, signature: WireSignature): Promise<void> {
    try {
      this.#enqueue(planReplacement(request, signature, this.#settings).steps);
    } catch (error) {
      const exception = encodeException(error);
      await this.#fail(request, exception, this.#failureRecord(request.id, exception, null));
    }
  }

  async #fail(request: TaskRequest, exception: WireException, record: ResultRecord): Promise<void> {
    this.#firstFailure ??= record;
    await this.#store(record);
    const { traceback } = record;
    await this.#performAll(planFailure(request, { exception, traceback }, true, this.#context()), request);
  }

  async #performAll(consequences: readonly Consequence[], task: FollowedTask): Promise<void> {
    for (const consequence of consequences) await this.#perform(consequence, task);
  }

  async #perform(consequence: Consequence, task: FollowedTask): Promise<void> {
    switch (consequence.kind) {
      case "send":
        this.#enqueue(consequence.steps);
        return;
      case "store":
        await this.#store(consequence.record);
        return;
      case "part":
        await this.#addPart(consequence.part, consequence.body, task);
        return;
      case "errback":
        await callErrback(this.#app, consequence.call).catch((error: unknown) => {
          const fields = { taskId: consequence.call.failed.id, errback: consequence.call.signature.task };
          this.#app.logger.error({ ...fields, error: String(error) }, "an error callback failed");
        });
    }
  }

  async #addPart(part: ChordPart, body: WireSignature, task: FollowedTask): Promise<void> {
    const entries = this.#chords.addPart(part);
    if (entries === undefined) return;
    const results = headerResults(entries, await this.results.groups.restore(part.groupId));
    if (results.kind === "values") this.#enqueue(planBody(task, body, results.values, this.#settings).steps);
    else await this.#performAll(planBodyFailure(body, results, entries, task, this.#context()), task);
  }

  #context(): FailureContext {
    const { settings, tasks, clock } = this.#app;
    return { settings, tasks, nowMs: clock.now() };
  }

  #chordExtender(): (request: TaskRequest, signature: WireSignature) => Promise<string> {
    let added = 0;
    return async ({ id, rootId, group, groupIndex, embed: { chord } }, signature) => {
      const place = { ...(group === null ? {} : { group_id: group }), ...(chord === null ? {} : { chord }) };
      const options = { ...place, ...(groupIndex === null ? {} : { group_index: groupIndex }) };
      const context = { newId: followerIds(id, `add:${added}`), rootId, parentId: id };
      const { steps, result, child } = planWire(signature, { args: [], kwargs: {}, options }, context);
      added += 1;
      if (result === null || child === null || group === null)
        throw new ArgumentError("An empty chain cannot be added to a chord: it returns nothing.");
      this.#chords.extend(group);
      this.#enqueue(steps);
      currentTask()?.children.push(child);
      return result[0][0];
    };
  }

  async #store(record: ResultRecord): Promise<void> {
    await this.results.store(record);
    const { settings, backend } = this.#app;
    if (settings.taskStoreEagerResult && backend !== undefined) await backend.store(record);
  }

  #failureRecord(taskId: string, exception: WireException, traceback: string | null): ResultRecord {
    const dateDoneMs = this.#app.clock.now();
    return { taskId, status: "FAILURE", result: encodeJson(exception), traceback, children: null, dateDoneMs };
  }
}
