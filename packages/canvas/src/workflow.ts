import type { Callbacks, SendOptions, SignatureLike, WireSignature } from "@celeriac/core";
import { optionsToWire, toWireCallbacks } from "@celeriac/core";
import type { ErrbackOptions } from "./composite/links.js";
import { linkErrorTo, linkTo } from "./composite/links.js";
import { mergeOptions, withArguments } from "./composite/merge.js";
import type { Kind } from "./composite/parts.js";
import { kindOf } from "./composite/parts.js";
import { pipe } from "./composite/pipe.js";
import type { After, AnyStep, ResultOf } from "./step.js";

/**
 * A task's signature or a composite, as a value: changing one gives a new one. `Rest` are the leading arguments still to
 * come. @see Celery user guide, "Canvas".
 */
export interface Workflow<Rest extends readonly unknown[], Result> extends SignatureLike {
  readonly kind: Kind;
  /** The dictionary that travels. */
  toJSON(): WireSignature;
  /** Adds options to this signature itself; later ones win. Keyword arguments go where `clone` puts them. */
  set(options: SendOptions): Workflow<Rest, Result>;
  /**
   * A copy with arguments put before its own, keyword arguments and options merged over its own. A chain's arguments go
   * to its first step, a group's to every member, a chord's to its header. Immutable ones take options only.
   */
  clone(args?: readonly unknown[], options?: SendOptions): Workflow<Rest, Result>;
  /**
   * Adds callbacks: to the last step of a chain, the body of a chord, the first task of a group (immutable there).
   * @throws ArgumentError for an empty group.
   */
  link(callbacks: Callbacks): Workflow<Rest, Result>;
  /** Adds error callbacks: to every step of a chain, every task of a group, the body of a chord. */
  onError(errbacks: Callbacks, how?: ErrbackOptions): Workflow<Rest, Result>;
  /** Celery's `|`: another step after this one. */
  pipe<Next extends AnyStep>(
    next: After<Next, Result> extends Next ? Next : After<Next, Result>,
  ): Workflow<Rest, ResultOf<Next>>;
  /** Carries the arguments' types; never present at run time. */
  readonly "~rest"?: (...args: Rest) => void;
  /** Carries the result's type; never present at run time. */
  readonly "~result"?: Result;
}

/** Methods that give a changed copy of the same sort. */
export interface Changes<Self> {
  set(options: SendOptions): Self;
  clone(args?: readonly unknown[], options?: SendOptions): Self;
  link(callbacks: Callbacks): Self;
  onError(errbacks: Callbacks, how?: ErrbackOptions): Self;
}

export function changesOf<Self>(wire: WireSignature, rebuild: (changed: WireSignature) => Self): Changes<Self> {
  const changed = (args: readonly unknown[], options: SendOptions): WireSignature =>
    withArguments(wire, args, options.kwargs ?? {});
  return {
    set: (options) => rebuild({ ...changed([], options), options: { ...wire.options, ...optionsToWire(options) } }),
    clone: (args = [], options = {}) =>
      rebuild({ ...changed(args, options), options: mergeOptions(wire.options, optionsToWire(options)) }),
    link: (callbacks) => rebuild(toWireCallbacks(callbacks).reduce(linkTo, wire)),
    onError: (errbacks, how) =>
      rebuild(toWireCallbacks(errbacks).reduce((sofar, errback) => linkErrorTo(sofar, errback, how), wire)),
  };
}

/** A dictionary as a workflow; its types are the caller's promise. */
export function createWorkflow<Rest extends readonly unknown[], Result>(wire: WireSignature): Workflow<Rest, Result> {
  return {
    kind: kindOf(wire),
    toJSON: () => wire,
    ...changesOf(wire, (changed) => createWorkflow<Rest, Result>(changed)),
    pipe: (next) => createWorkflow(pipe(wire, (next as AnyStep).toJSON())), // a mismatch does not compile
  };
}
