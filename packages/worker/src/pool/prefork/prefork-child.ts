/**
 * The program a prefork child runs: loads the app, runs one task at a time, reports outcomes. It owns no connection but
 * those its tasks open by sending tasks themselves. It ends when its parent does.
 * @module
 */
import { chordExtender } from "@celeriac/canvas";
import type { App, Outcome, Surroundings, TaskDefinition, TaskRequest } from "@celeriac/core";
import {
  decodeTask,
  encodeException,
  encodeJson,
  formatTraceback,
  NotRegistered,
  runTask,
  SoftTimeLimitExceeded,
} from "@celeriac/core";
import { builtinTasks, runnableTask } from "../../builtin/builtin-tasks.js";
import { findApp } from "./find-app.js";
import type { FromChild, ToChild, WireMessage } from "./ipc.js";
import { fromWireMessage } from "./ipc.js";
import { encodeOutcome } from "./outcome-text.js";

/** The task running now. */
interface Running {
  readonly seq: number;
  readonly abort: AbortController;
}

const LEAVE_TIMEOUT_MS = 1000;

interface Loaded {
  readonly app: App;
  readonly hostname: string;
  readonly builtins: ReadonlyMap<string, TaskDefinition>;
}

let loaded: Loaded | undefined;
let running: Running | undefined;
let calls = 0;
const waiting = new Map<number, (error: string | undefined) => void>();

process.on("disconnect", () => void leave());
// The terminal's interrupt reaches the whole process group; only the parent decides what it means.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("message", (message) => void receive(message as ToChild)); // only our parent writes here

/** The parent is done with us, or gone: what tasks have sent gets a moment to leave. */
async function leave(): Promise<void> {
  setTimeout(() => process.exit(0), LEAVE_TIMEOUT_MS).unref();
  await loaded?.app.close();
  process.exit(0);
}

function say(message: FromChild): void {
  process.send?.(message);
}

async function receive(message: ToChild): Promise<void> {
  switch (message.type) {
    case "init":
      await load(message);
      return;
    case "run":
      await run(message.seq, message.message);
      return;
    case "soft-limit":
      if (running?.seq === message.seq) running.abort.abort(new SoftTimeLimitExceeded(message.seconds));
      return;
    case "stored":
      waiting.get(message.call)?.(message.error);
      waiting.delete(message.call);
  }
}

async function load(init: Extract<ToChild, { type: "init" }>): Promise<void> {
  try {
    const app = await findApp(init.source);
    loaded = { app, hostname: init.hostname, builtins: builtinTasks(app) };
    say({ type: "ready", pid: process.pid, tasks: app.tasks.size });
  } catch (error) {
    say({ type: "failed", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function run(seq: number, wire: WireMessage): Promise<void> {
  const current: Running = { seq, abort: new AbortController() };
  running = current;
  const outcome = await attempt(current, wire).catch(failureOf);
  running = undefined;
  for (const [call, settle] of waiting) {
    waiting.delete(call); // reports nobody awaited: the parent stores what has reached it
    settle(undefined);
  }
  const rssKiB = Math.round(process.memoryUsage.rss() / 1024);
  if (outcome.kind === "success") {
    say({ type: "succeeded", seq, result: outcome.result, children: outcome.children, rssKiB });
  } else say({ type: "ended", seq, outcome: encodeOutcome(plain(outcome)), rssKiB });
}

/** A retry or replacement with arguments that have no form on the wire is a failure of the task, found before it leaves. */
function plain(outcome: Exclude<Outcome, { readonly kind: "success" }>): typeof outcome {
  if (outcome.kind !== "retry" && outcome.kind !== "replace") return outcome;
  try {
    encodeOutcome(outcome);
    return outcome;
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): Extract<Outcome, { readonly kind: "failure" }> {
  return {
    kind: "failure",
    exception: encodeException(error),
    traceback: formatTraceback(error),
    children: [],
    expected: false,
  };
}

async function attempt(current: Running, wire: WireMessage): ReturnType<typeof runTask> {
  if (loaded === undefined) throw new Error("the app is not loaded");
  const { app, hostname, builtins } = loaded;
  const request = read(app, wire);
  const definition = runnableTask(app, builtins, request.task);
  if (definition === undefined) throw new NotRegistered(request.task);
  const surroundings: Surroundings = {
    hostname,
    log: app.logger,
    signal: () => current.abort.signal,
    updateState: (state, meta) => reportState(current.seq, state, encodeJson(meta)),
    addToChord: chordExtender(app),
    now: () => app.clock.now(),
    random: Math.random,
  };
  return runTask(definition, request, surroundings);
}

function read(app: App, wire: WireMessage): TaskRequest {
  return decodeTask(fromWireMessage(wire), {
    serializers: app.serializers,
    compressions: app.compressions,
    acceptContent: app.serializers.accept(app.settings.acceptContent),
    maxBodyBytes: app.settings.maxBodyBytes,
    maxEtaMs: Number.POSITIVE_INFINITY, // the parent has checked it
    nowMs: app.clock.now(),
  });
}

/** Resolves once the parent has stored the state. */
function reportState(seq: number, state: string, meta: string): Promise<void> {
  calls += 1;
  const call = calls;
  return new Promise((resolve, reject) => {
    waiting.set(call, (error) => (error === undefined ? resolve() : reject(new Error(error))));
    say({ type: "state", seq, call, state, meta });
  });
}
