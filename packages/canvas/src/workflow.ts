import type {
  App,
  Callbacks,
  EagerRecord,
  SendOptions,
  SignatureLike,
  TaskRequest,
  WireSignature,
} from "@celeriac/core";
import { optionsToWire, toWireCallbacks } from "@celeriac/core";
import { makeImmutable } from "./composite/immutable.js";
import type { ErrbackOptions } from "./composite/links.js";
import { linkErrorTo, linkTo } from "./composite/links.js";
import { mergeOptions, withArguments } from "./composite/merge.js";
import type { Kind } from "./composite/parts.js";
import { kindOf } from "./composite/parts.js";
import { pipe } from "./composite/pipe.js";
import type { Replacing } from "./composite/replace-parts.js";
import { replaceParts } from "./composite/replace-parts.js";
import { takeOverEagerly } from "./eager/take-over.js";
import { stampedForm } from "./stamp/stamp.js";
import type { StampingVisitor, StampOptions } from "./stamp/stamping-visitor.js";
import type { Stamps } from "./stamp/stamps.js";
import type { Apps } from "./start/apps.js";
import { appsOf, onlyApp } from "./start/apps.js";
import type { WorkflowSending } from "./start/start-workflow.js";
import { startUntyped } from "./start/start-workflow.js";
import type { After, AnyStep, ResultOf } from "./step.js";

/**
 * A task's signature or a composite, as a value: changing one gives a new one. `Rest` are the leading arguments still to
 * come. @see Celery user guide, "Canvas".
 */
export interface Workflow<Rest extends readonly unknown[], Result> extends SignatureLike {
  readonly kind: Kind;
  /** The dictionary that travels. */
  toJSON(): WireSignature;
  /**
   * Sends it with the arguments that are still missing; in eager mode it runs here. Awaited, it yields the handle once the
   * broker has all messages; `delay().get()` gives the result.
   * @throws CeleriacError `APP_MISSING` when none of its steps was made by an app, `APP_AMBIGUOUS` for those of two;
   * otherwise like `startWorkflow`.
   */
  delay(...args: Rest): WorkflowSending<Result>;
  /** Like `delay`, with options: for a chain's first step, all of a group, header and body of a chord. */
  call(args: Rest, options?: SendOptions): WorkflowSending<Result>;
  /** Adds options to this signature itself; later ones win. Keyword arguments go where `clone` puts them. */
  set(options: SendOptions): Workflow<Rest, Result>;
  /**
   * A copy with arguments put before its own, keyword arguments and options merged over its own. A chain's arguments go
   * to its first step, a group's to every member, a chord's to its header. Immutable ones take options only.
   */
  clone(args?: readonly unknown[], options?: SendOptions): Workflow<Rest, Result>;
  /** A copy with other arguments or options instead of its own; what is not given stays. @see Celery `Signature.replace`. */
  replace(parts: Replacing): Workflow<Rest, Result>;
  /** A copy that ignores the result of the step before it: a group's members do, a chord's header, a chain's first step. */
  immutable(): Workflow<readonly [], Result>;
  /**
   * Adds callbacks: to the last step of a chain, the body of a chord, the first task of a group (immutable there).
   * @throws ArgumentError for an empty group.
   */
  link(callbacks: Callbacks): Workflow<Rest, Result>;
  /** Adds error callbacks: to every step of a chain, every task of a group, the body of a chord. */
  onError(errbacks: Callbacks, how?: ErrbackOptions): Workflow<Rest, Result>;
  /** Stamps every task in it. @throws ArgumentError for a stamp named like an option. @see Celery user guide, "Stamping". */
  stamp(how: StampingVisitor | Stamps, options?: StampOptions): Workflow<Rest, Result>;
  /** Celery's `|`: another step after this one. */
  pipe<Next extends AnyStep>(
    next: After<Next, Result> extends Next ? Next : After<Next, Result>,
  ): Workflow<Rest, ResultOf<Next>>;
  /** Of all its parts, callbacks included. */
  readonly "~apps": readonly App[];
  readonly "~takeOver": (app: App, task: TaskRequest) => Promise<EagerRecord>;
  /** Carries the arguments' types; never present at run time. */
  readonly "~rest"?: (...args: Rest) => void;
  /** Carries the result's type; never present at run time. */
  readonly "~result"?: Result;
}

/** Methods that give a changed copy of the same sort. */
export interface Changes<Self> {
  set(options: SendOptions): Self;
  clone(args?: readonly unknown[], options?: SendOptions): Self;
  replace(parts: Replacing): Self;
  link(callbacks: Callbacks): Self;
  onError(errbacks: Callbacks, how?: ErrbackOptions): Self;
  stamp(how: StampingVisitor | Stamps, options?: StampOptions): Self;
}

export function changesOf<Self>(
  wire: WireSignature,
  apps: Apps,
  rebuild: (changed: WireSignature, apps: Apps) => Self,
): Changes<Self> {
  const same = (changed: WireSignature): Self => rebuild(changed, apps);
  const changed = (args: readonly unknown[], options: SendOptions): WireSignature =>
    withArguments(wire, args, options.kwargs ?? {});
  const joined = (callbacks: Callbacks): Apps => appsOf([{ "~apps": apps }, callbacks]);
  return {
    set: (options) => same({ ...changed([], options), options: { ...wire.options, ...optionsToWire(options) } }),
    clone: (args = [], options = {}) =>
      same({ ...changed(args, options), options: mergeOptions(wire.options, optionsToWire(options)) }),
    replace: (parts) => same(replaceParts(wire, parts)),
    link: (callbacks) => rebuild(toWireCallbacks(callbacks).reduce(linkTo, wire), joined(callbacks)),
    onError: (errbacks, how) =>
      rebuild(
        toWireCallbacks(errbacks).reduce((sofar, errback) => linkErrorTo(sofar, errback, how), wire),
        joined(errbacks),
      ),
    stamp: (how, options) => same(stampedForm({ toJSON: () => wire }, how, options)),
  };
}

/** A dictionary as a workflow; its types are the caller's promise. @param apps - Those of its parts. */
export function createWorkflow<Rest extends readonly unknown[], Result>(
  wire: WireSignature,
  apps: Apps = [],
): Workflow<Rest, Result> {
  return {
    kind: kindOf(wire),
    toJSON: () => wire,
    ...sendingOf<Rest, Result>(wire, apps),
    ...changesOf(wire, apps, (changed, changedApps) => createWorkflow<Rest, Result>(changed, changedApps)),
    immutable: () => createWorkflow(makeImmutable(wire), apps),
    pipe: (next) => {
      const step = next as AnyStep; // a mismatch does not compile
      return createWorkflow(pipe(wire, step.toJSON()), appsOf([{ "~apps": apps }, step]));
    },
  };
}

/** What sends a workflow. @param wire - The form in which it is sent by itself. */
export function sendingOf<Rest extends readonly unknown[], Result>(
  wire: WireSignature,
  apps: Apps,
): Pick<Workflow<Rest, Result>, "delay" | "call" | "~app" | "~apps" | "~takeOver"> {
  const start = (args: readonly unknown[], options: SendOptions): WorkflowSending<Result> =>
    startUntyped(onlyApp(apps), { toJSON: () => wire }, args, options) as WorkflowSending<Result>; // as its type says
  return {
    "~app": apps.length === 1 ? apps[0] : undefined,
    "~apps": apps,
    "~takeOver": (app, task) => takeOverEagerly(app, task, wire),
    delay: (...args) => start(args, {}),
    call: (args, options = {}) => start(args, options),
  };
}
