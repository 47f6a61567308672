/**
 * What the opcodes have put together, before anything of it is a value. A call is only the record that a call was asked
 * for.
 * @module
 */
import type { GlobalRule } from "../build/rule.js";

/** One thing on the stack. Text, bytes and most numbers are already what they will be. */
export type PyValue = null | boolean | number | bigint | string | Uint8Array | PyNode;
export type PyNode = PyFloat | PySequence | PySet | PyDict | PyGlobal | PyCall;

/** Where something was asked for. */
export interface Origin {
  readonly opcode: string;
  readonly offset: number;
}

/** The finished value, so that what is referred to twice is built once. */
export interface Built {
  readonly value: unknown;
  /** Its size written out in full. */
  readonly weight: number;
  /** Levels of nesting inside. */
  readonly height: number;
  /** Whether Python takes it as a key or in a set. */
  readonly isHashable: boolean;
}

/** `open` while its parts are being built: meeting it then is a cycle. */
export type BuildState = Built | "open" | undefined;

/** A float without fraction, kept apart from integers because dictionary keys show the difference. */
export interface PyFloat {
  readonly kind: "float";
  readonly value: number;
}

export interface PySequence {
  readonly kind: "list" | "tuple";
  readonly items: PyValue[];
  built: BuildState;
}

export interface PySet {
  readonly kind: "set" | "frozenset";
  readonly items: PyValue[];
  built: BuildState;
}

export interface PyDict {
  readonly kind: "dict";
  readonly keys: PyValue[];
  readonly values: PyValue[];
  built: BuildState;
}

/** A class or function by its name. Never looked up anywhere but in our own table. */
export interface PyGlobal {
  readonly kind: "global";
  readonly module: string;
  readonly name: string;
  /** `undefined` when it is outside the allow-list, which only some readings put up with. */
  readonly rule: GlobalRule | undefined;
  readonly origin: Origin;
}

export interface PyCall {
  readonly kind: "call";
  readonly callee: PyGlobal | PyCall;
  readonly args: readonly PyValue[];
  /** Argument of BUILD. */
  state: PyValue | undefined;
  /** Arguments of APPEND and APPENDS. */
  items: PyValue[] | undefined;
  /** Arguments of SETITEM and SETITEMS. */
  entries: PyDict | undefined;
  readonly origin: Origin;
  built: BuildState;
}

export function createSequence(kind: "list" | "tuple", items: PyValue[]): PySequence {
  return { kind, items, built: undefined };
}

export function createSet(kind: "set" | "frozenset", items: PyValue[]): PySet {
  return { kind, items, built: undefined };
}

export function createDict(): PyDict {
  return { kind: "dict", keys: [], values: [], built: undefined };
}

export function createCall(callee: PyGlobal | PyCall, args: readonly PyValue[], origin: Origin): PyCall {
  return {
    kind: "call",
    callee,
    args,
    state: undefined,
    items: undefined,
    entries: undefined,
    origin,
    built: undefined,
  };
}

export function isNode(value: PyValue | undefined): value is PyNode {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/** Whether Python takes it as a key or in a set; asked of what has been built. */
export function isHashable(value: PyValue): boolean {
  if (!isNode(value) || value.kind === "float" || value.kind === "global") return true;
  return typeof value.built === "object" && value.built.isHashable;
}

/** `module.name` for messages: short, one line. */
export function globalName(module: string, name: string): string {
  const text = `${module}.${name}`.replace(/[^\x20-\x7e]/g, "?");
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}
