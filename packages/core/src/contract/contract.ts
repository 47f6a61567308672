import type { InferInput, InferOutput, StandardSchema } from "../standard-schema/standard-schema.js";

/**
 * A task known by name and types only: its code lives elsewhere, maybe in Python. A value, so producers and workers can
 * share a file of contracts instead of code. `Args` are what callers give, `Received` what the code behind it gets: the same,
 * unless a schema changes it on the way (defaults, parsed dates).
 */
export interface Contract<Args extends readonly unknown[], Result, Received extends readonly unknown[] = Args> {
  readonly name: string;
  readonly input?: StandardSchema;
  readonly output?: StandardSchema;
  /** Carries the types; never present at run time. */
  readonly "~types"?: { readonly args: Args; readonly result: Result; readonly received: Received } | undefined;
}

/** Positional: `contract<[userId: string], number>("ml.score")`. */
export function contract<Args extends readonly unknown[], Result>(name: string): Contract<Args, Result>;
/** By schema, travels as keyword arguments: `contract("ml.embed", { input, output })`. */
export function contract<I extends StandardSchema, O extends StandardSchema>(
  name: string,
  schemas: { readonly input: I; readonly output: O },
): Contract<[input: InferInput<I>], InferOutput<O>, [input: InferOutput<I>]>;
export function contract(
  name: string,
  schemas: { readonly input?: StandardSchema; readonly output?: StandardSchema } = {},
): Contract<readonly unknown[], unknown> {
  return { name, ...schemas };
}
