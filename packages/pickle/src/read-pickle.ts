import type { ResultTuple } from "@celeriac/core/ports";
import { Builder } from "./build/builder.js";
import { buildException, isExceptionCall } from "./build/exceptions.js";
import { Part } from "./build/part.js";
import { resultRules } from "./build/result-rules.js";
import type { GlobalRule } from "./build/rule.js";
import { timeRules } from "./build/time-rules.js";
import { valueRules } from "./build/value-rules.js";
import { zoneRules } from "./build/zone-rules.js";
import { Cursor } from "./machine/cursor.js";
import { type GlobalPolicy, Machine } from "./machine/machine.js";
import type { PyValue } from "./machine/nodes.js";
import { runOpcodes } from "./machine/run.js";
import { PickleError } from "./pickle-error.js";
import { deepest, parseLimits, type ReadLimits, type ReadPickleOptions } from "./read-options.js";

const plainRules: ReadonlyMap<string, GlobalRule> = new Map([...valueRules, ...timeRules, ...zoneRules]);
const groupRules: ReadonlyMap<string, GlobalRule> = new Map([...plainRules, ...resultRules]);

/**
 * The value of a Python pickle of protocol 0 to 5. Values look as core's `decodeJson` gives them: integers beyond 2^53 are
 * BigInt, tuples arrays, bytes `Uint8Array`, datetimes `DateTime`; beside them sets are `Set`, timedeltas `TimeDelta`, and
 * dictionaries whose keys JSON cannot spell `Map`. What is referred to twice is one object.
 *
 * A pickle is a program that calls functions. Here no function is called and no name looked up: what is not plain data by
 * our own table of names is refused.
 * @throws PickleError `PICKLE_REFUSED`, `PICKLE_MALFORMED` or `PICKLE_LIMIT`, with opcode, offset and global.
 * @throws RangeError for options that make no sense.
 */
export function readPickle(bytes: Uint8Array, options: ReadPickleOptions = {}): unknown {
  const limits = parseLimits(options);
  const expectsException = options.expects === "exception";
  const policy = { rules: plainRules, keepsUnknown: expectsException };
  const { whole, builder } = open(bytes, policy, limits, expectsException);
  return expectsException && isExceptionCall(whole) ? buildException(whole, builder) : builder.value(whole);
}

/**
 * A group as Celery's SQL store saves it, a pickled `GroupResult`, as a result tuple. The store's settings inside, its URL
 * with password among them, are left out.
 * @throws PickleError as `readPickle`, also when the whole is no such group.
 */
export function readGroupPickle(bytes: Uint8Array, options: Omit<ReadPickleOptions, "expects"> = {}): ResultTuple {
  const policy = { rules: groupRules, keepsUnknown: true };
  const { whole, builder } = open(bytes, policy, parseLimits({ maxDepth: deepest, ...options }), false);
  const group = builder.part(whole);
  if (!(group instanceof Part) || group.of.kind !== "result" || group.of.tuple[1] === null) {
    throw new PickleError("PICKLE_REFUSED", "it is no saved group");
  }
  return group.of.tuple;
}

function open(
  bytes: Uint8Array,
  policy: GlobalPolicy,
  limits: ReadLimits,
  describesExceptions: boolean,
): { readonly whole: PyValue; readonly builder: Builder } {
  if (bytes.length > limits.maxBytes) {
    throw new PickleError("PICKLE_LIMIT", `it has ${bytes.length} bytes, more than the ${limits.maxBytes} allowed`);
  }
  const machine = new Machine(new Cursor(bytes), policy, limits.maxMemoryBytes);
  const whole = runOpcodes(machine);
  const { maxExpandedBytes, maxDepth } = limits;
  const builder = new Builder({ maxExpandedBytes, maxDepth, memoryLeft: machine.memoryLeft, describesExceptions });
  return { whole, builder };
}
