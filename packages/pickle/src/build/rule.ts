import type { PyCall } from "../machine/nodes.js";
import type { Builder } from "./builder.js";

/** What a class or function of the allow-list stands for. */
export interface GlobalRule {
  /**
   * The value that a call of it means; absent for classes that may only be named. Gets calls with what `takes` allows and
   * nothing else. @throws PickleError, or RangeError for arguments that it cannot mean anything by.
   */
  readonly construct?: (call: PyCall, builder: Builder) => unknown;
  /** What may be given to the object after the call. Default nothing. */
  readonly takes?: "state" | "items" | "entries";
  /** Whether what it makes can change, so that Python takes it neither as a key nor in a set. Default false. */
  readonly isMutable?: boolean;
}

/** Rules of one subject, by `module:name`. */
export type GlobalRules = readonly (readonly [string, GlobalRule])[];
