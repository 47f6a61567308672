import type { GlobalRule } from "../build/rule.js";
import type { Cursor } from "./cursor.js";
import { globalName, type PyGlobal, type PyValue } from "./nodes.js";

/** Which globals a reading knows, and whether it puts up with others as mere names. */
export interface GlobalPolicy {
  readonly rules: ReadonlyMap<string, GlobalRule>;
  /** `true` where the position decides, which is only known once the whole value is there. */
  readonly keepsUnknown: boolean;
}

/** Rough bytes that things take in memory. */
export const cost = { slot: 8, text: 24, node: 96, call: 160 } as const;

/** Module names of Python 2, which protocols 0 to 2 still carry. */
const renamedModules: ReadonlyMap<string, string> = new Map([
  ["__builtin__", "builtins"],
  ["exceptions", "builtins"],
  ["copy_reg", "copyreg"],
]);

/**
 * The stack, the marks and the memo that opcodes work on.
 *
 * 1. Nothing is looked up by a name of the pickle's but our own table of rules.
 * 2. Every opcode takes memory in proportion to its bytes, and all of it is charged.
 * 3. Nothing below the last mark is taken from the stack.
 */
export class Machine {
  readonly cursor: Cursor;
  readonly #policy: GlobalPolicy;
  readonly #stack: PyValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PyValue>();
  #memoryLeft: number;
  #floor = 0;

  constructor(cursor: Cursor, policy: GlobalPolicy, maxMemoryBytes: number) {
    this.cursor = cursor;
    this.#policy = policy;
    this.#memoryLeft = maxMemoryBytes;
  }

  /** What is left of the budget once the opcodes are done. */
  get memoryLeft(): number {
    return this.#memoryLeft;
  }

  /** @throws PickleError `PICKLE_LIMIT` */
  charge(bytes: number): void {
    this.#memoryLeft -= bytes;
    if (this.#memoryLeft < 0) throw this.cursor.fault("PICKLE_LIMIT", "it takes more memory than allowed");
  }

  /** @param bytes - Memory of the thing itself, beside its slot. */
  push(value: PyValue, bytes = 0): void {
    this.charge(cost.slot + bytes);
    this.#stack.push(value);
  }

  pushText(text: string): void {
    this.push(text, cost.text + text.length);
  }

  pop(): PyValue {
    const value = this.#stack.length > this.#floor ? this.#stack.pop() : undefined;
    if (value === undefined) throw this.cursor.fault("PICKLE_MALFORMED", "the stack is empty");
    return value;
  }

  top(): PyValue {
    const value = this.#stack.length > this.#floor ? this.#stack.at(-1) : undefined;
    if (value === undefined) throw this.cursor.fault("PICKLE_MALFORMED", "the stack is empty");
    return value;
  }

  mark(): void {
    this.charge(cost.slot);
    this.#marks.push(this.#stack.length);
    this.#floor = this.#stack.length;
  }

  /** Everything above the last mark, which goes too. */
  popToMark(): PyValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.cursor.fault("PICKLE_MALFORMED", "there is no mark");
    this.#floor = this.#marks.at(-1) ?? 0;
    return this.#stack.splice(mark);
  }

  /** POP takes a mark where one is on top. */
  popOrMark(): void {
    if (this.#marks.length > 0 && this.#stack.length === this.#floor) this.popToMark();
    else this.pop();
  }

  memoize(): void {
    this.put(this.#memo.size);
  }

  put(index: number): void {
    this.charge(4 * cost.slot);
    this.#memo.set(index, this.top());
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.cursor.fault("PICKLE_MALFORMED", `nothing is remembered as ${index}`);
    this.push(value);
  }

  /** A class or function by name. @throws PickleError `PICKLE_REFUSED` when the reading does not know it. */
  global(writtenModule: string, name: string): PyGlobal {
    const module = renamedModules.get(writtenModule) ?? writtenModule;
    const rule = this.#policy.rules.get(`${module}:${name}`);
    if (rule === undefined && !this.#policy.keepsUnknown) {
      const asked = globalName(module, name);
      throw this.cursor.fault("PICKLE_REFUSED", `it asks for ${asked}, which is not plain data`, asked);
    }
    this.charge(cost.call + module.length + name.length);
    return { kind: "global", module, name, rule, origin: this.cursor.origin };
  }
}
