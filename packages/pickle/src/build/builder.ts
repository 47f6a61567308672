import { type Built, isHashable, isNode, type PyCall, type PyNode, type PyValue } from "../machine/nodes.js";
import { PickleError } from "../pickle-error.js";
import { buildDict, checkHashable } from "./dictionaries.js";
import { describeException } from "./exceptions.js";
import { Part } from "./part.js";
import { checkExtras, malformed, refusal } from "./refusal.js";
import { createZones, type Zones } from "./zone.js";

/** Limits and circumstances of one building. */
export interface BuilderOptions {
  readonly maxExpandedBytes: number;
  readonly maxDepth: number;
  /** Of the machine's budget, for what is made anew. */
  readonly memoryLeft: number;
  /** Exceptions of Python and Celery inside the whole value become their text. */
  readonly describesExceptions: boolean;
}

type PyParent = Exclude<PyNode, { kind: "float" | "global" }>;

const valueWeight = 8;

/**
 * Turns what the machine has put together into values.
 *
 * 1. Each thing is built once; what is referred to twice is one object.
 * 2. The size counted is that of the value written out in full.
 * 3. Cycles are refused: no value of ours has any.
 */
export class Builder {
  readonly zones: Zones = createZones((bytes) => this.weigh(bytes));
  readonly #options: BuilderOptions;
  #memoryLeft: number;
  #weight = 0;
  #depth = 0;
  /** Deepest level met since the node being built was entered. */
  #reach = 0;
  #admitsClasses = false;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#memoryLeft = options.memoryLeft;
  }

  /** A value. @throws PickleError, also for what is only a part of one, such as a class or a time zone. */
  value(source: PyValue): unknown {
    const built = this.part(source);
    if (!(built instanceof Part)) return built;
    if (built.of.kind === "class") {
      if (this.#admitsClasses) return null;
      throw refusal(built.of.global, "names a class or function, which is not plain data");
    }
    throw new PickleError("PICKLE_REFUSED", `a ${built.of.kind} is no value by itself`);
  }

  /** Values of a tuple or list of arguments. */
  values(sources: readonly PyValue[]): unknown[] {
    const built: unknown[] = [];
    for (const source of sources) built.push(this.value(source));
    return built;
  }

  /** Builds what nobody will read, for its refusals. Bare classes pass: naming one does nothing. */
  discard(source: PyValue): void {
    this.#admitsClasses = true;
    try {
      this.value(source);
    } finally {
      this.#admitsClasses = false;
    }
  }

  /** A value, or a part of one wrapped as such. */
  part(source: PyValue): unknown {
    this.weigh(valueWeight);
    if (isNode(source)) return this.#node(source);
    if (typeof source === "string" || source instanceof Uint8Array) this.weigh(source.length);
    return source;
  }

  /** Counts what the expanded value holds beside its parts. @throws PickleError `PICKLE_LIMIT` */
  weigh(bytes: number): void {
    this.#weight += bytes;
    if (this.#weight > this.#options.maxExpandedBytes) {
      throw new PickleError("PICKLE_LIMIT", "it is larger than allowed when written out in full");
    }
  }

  /** Counts memory that is taken beyond what the machine has charged. @throws PickleError `PICKLE_LIMIT` */
  charge(bytes: number): void {
    this.#memoryLeft -= bytes;
    if (this.#memoryLeft < 0) throw new PickleError("PICKLE_LIMIT", "it takes more memory than allowed");
  }

  #node(node: PyNode): unknown {
    if (node.kind === "float") return node.value;
    if (node.kind === "global") return new Part({ kind: "class", global: node });
    if (node.built === "open") throw new PickleError("PICKLE_REFUSED", "it refers back to what contains it");
    return node.built === undefined ? this.#enter(node) : this.#again(node.built);
  }

  #enter(node: PyParent): unknown {
    const weightBefore = this.#weight;
    const reachBefore = this.#reach;
    this.#depth += 1;
    this.#reach = this.#depth;
    this.#checkDepth(this.#depth);
    node.built = "open";
    const value = this.#make(node);
    const [weight, height] = [this.#weight - weightBefore, this.#reach - this.#depth];
    node.built = { value, weight, height, isHashable: canHash(node) };
    this.#depth -= 1;
    this.#reach = Math.max(reachBefore, this.#reach);
    return value;
  }

  #again(built: Built): unknown {
    const deepest = this.#depth + 1 + built.height;
    this.#checkDepth(deepest);
    this.#reach = Math.max(this.#reach, deepest);
    this.weigh(built.weight);
    return built.value;
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#options.maxDepth) return;
    throw new PickleError("PICKLE_LIMIT", `it is nested deeper than ${this.#options.maxDepth} levels`);
  }

  #make(node: PyParent): unknown {
    switch (node.kind) {
      case "list":
      case "tuple":
        return this.values(node.items);
      case "set":
      case "frozenset":
        return this.#set(node.items);
      case "dict":
        return buildDict(node, this);
      case "call":
        return this.#call(node);
    }
  }

  #set(items: readonly PyValue[]): Set<unknown> {
    const members = new Set(this.values(items));
    items.forEach(checkHashable);
    return members;
  }

  #call(call: PyCall): unknown {
    const { callee } = call;
    if (callee.kind === "call") return this.#callMade(call, callee);
    if (callee.rule?.construct === undefined) {
      if (callee.rule === undefined && this.#options.describesExceptions) {
        const text = describeException(callee, call, this);
        if (text !== undefined) return text;
      }
      throw refusal(callee, "is called, which is not plain data", call);
    }
    checkExtras(call, callee, callee.rule.takes);
    try {
      return callee.rule.construct(call, this);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw malformed(call, callee, error.message);
    }
  }

  /** The one function that a call may give: the maker of zones. */
  #callMade(call: PyCall, callee: PyCall): unknown {
    const made = this.part(callee);
    const isMaker = made instanceof Part && made.of.kind === "zone maker";
    if (!isMaker || callee.callee.kind !== "global") {
      throw new PickleError("PICKLE_REFUSED", "it calls what a call has returned", call.origin);
    }
    checkExtras(call, callee.callee, undefined);
    try {
      return new Part({ kind: "zone", zone: this.zones.named(call.args[0] ?? null) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw malformed(call, callee.callee, error.message);
    }
  }
}

/** Asked when the parts are built. */
function canHash(node: PyParent): boolean {
  if (node.kind === "tuple" || node.kind === "frozenset") return node.items.every(isHashable);
  return node.kind === "call" && !(node.callee.kind === "global" && node.callee.rule?.isMutable === true);
}
