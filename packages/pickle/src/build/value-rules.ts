/**
 * Decimals, UUIDs, bytes of old protocols and the containers that are classes.
 * @module
 */
import { Decimal, Uuid } from "@celeriac/core/protocol";
import { createDict, isNode, type PyCall, type PyDict, type PyValue } from "../machine/nodes.js";
import type { Builder } from "./builder.js";
import { buildDict, checkHashable } from "./dictionaries.js";
import type { GlobalRules } from "./rule.js";

const onlyNamed = {};
/** What a defaultdict may make its values with. Nothing is made: the name is all that is read. */
const factories = ["list", "dict", "set", "tuple", "int", "float", "str", "bool", "bytes", "frozenset"];

/** Everything that needs no time zone. */
export const valueRules: GlobalRules = [
  ["decimal:Decimal", { construct: decimal }],
  ["uuid:UUID", { construct: uuid, takes: "state" }],
  ["_codecs:encode", { construct: ({ args }, builder) => encodedBytes(args, builder) }],
  ["builtins:bytes", { construct: bytes }],
  ["builtins:bytearray", { construct: bytes, isMutable: true }],
  ["builtins:set", { construct: set, isMutable: true }],
  ["builtins:frozenset", { construct: set }],
  ["collections:OrderedDict", { construct: orderedDict, isMutable: true, takes: "entries" }],
  ["collections:defaultdict", { construct: defaultDict, isMutable: true, takes: "entries" }],
  ["collections:Counter", { construct: counter, isMutable: true }],
  ["collections:deque", { construct: deque, isMutable: true, takes: "items" }],
  ["copyreg:_reconstructor", { construct: reconstruct, takes: "state" }],
  ["builtins:object", onlyNamed],
  ...factories
    .filter((name) => !/^(?:set|frozenset|bytes)$/.test(name))
    .map((name) => [`builtins:${name}`, onlyNamed] as const),
];

function decimal({ args }: PyCall, builder: Builder): Decimal {
  const text = builder.value(args[0] ?? null);
  if (typeof text !== "string" || args.length !== 1) throw new RangeError("it takes one text");
  return new Decimal(text);
}

/** The whole of a UUID is the state `{"int": ..., "is_safe": ...}`. */
function uuid({ args, state }: PyCall, builder: Builder): Uuid {
  const members = builder.value(state ?? null);
  const number = typeof members === "object" && members !== null && "int" in members ? members.int : undefined;
  if (args.length !== 0 || (typeof number !== "number" && typeof number !== "bigint") || number < 0) {
    throw new RangeError("its state has no number");
  }
  return new Uuid(BigInt(number).toString(16).padStart(32, "0"));
}

/** Protocols 0 to 2 carry bytes as Latin-1 text. */
function encodedBytes(args: readonly PyValue[], builder: Builder): Uint8Array {
  const encoding = args[1];
  if (args.length !== 2 || (encoding !== "latin1" && encoding !== "latin-1")) {
    throw new RangeError("only Latin-1 is how bytes are pickled");
  }
  return latin1Bytes(builder.value(args[0] ?? null), builder);
}

/** `bytes()`, `bytearray()`, `bytearray(bytes)` and `bytearray(text, "latin-1")`. */
function bytes({ args }: PyCall, builder: Builder): Uint8Array {
  if (args.length === 0) return new Uint8Array(0);
  if (args.length === 2) return encodedBytes(args, builder);
  const value = builder.value(args[0] ?? null);
  if (args.length !== 1 || !(value instanceof Uint8Array)) throw new RangeError("it takes bytes");
  builder.charge(value.length);
  return new Uint8Array(value);
}

function latin1Bytes(text: unknown, builder: Builder): Uint8Array {
  if (typeof text !== "string" || /[^\0-\xff]/.test(text)) throw new RangeError("it takes Latin-1 text");
  builder.charge(text.length);
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Protocols before 4 make sets of a list. */
function set({ args }: PyCall, builder: Builder): Set<unknown> {
  const members = new Set(builder.values(itemsOf(args)));
  itemsOf(args).forEach(checkHashable);
  return members;
}

/** Of the one list or tuple that a container is made of, if any. */
function itemsOf(args: readonly PyValue[]): readonly PyValue[] {
  const [items] = args;
  if (items === undefined) return [];
  if (args.length !== 1 || !isNode(items) || (items.kind !== "list" && items.kind !== "tuple")) {
    throw new RangeError("it takes one list");
  }
  return items.items;
}

function orderedDict({ args, entries }: PyCall, builder: Builder): unknown {
  if (args.length === 0) return buildDict(entries ?? createDict(), builder);
  return buildDict(pairsOf(args, entries), builder);
}

/** Protocols 0 and 1, and Python 2, give the pairs as the argument. */
function pairsOf(args: readonly PyValue[], entries: PyDict | undefined): PyDict {
  const [pairs] = args;
  const dict = createDict();
  if (args.length !== 1 || !isNode(pairs) || pairs.kind !== "list" || entries !== undefined) {
    throw new RangeError("it takes one list of pairs");
  }
  for (const pair of pairs.items) {
    const isPair = isNode(pair) && (pair.kind === "list" || pair.kind === "tuple") && pair.items.length === 2;
    if (!isPair) throw new RangeError("it takes pairs");
    dict.keys.push(pair.items[0] ?? null);
    dict.values.push(pair.items[1] ?? null);
  }
  return dict;
}

function defaultDict({ args, entries }: PyCall, builder: Builder): unknown {
  const [factory] = args;
  const isNamed =
    isNode(factory) && factory.kind === "global" && factory.module === "builtins" && factories.includes(factory.name);
  if (args.length > 1 || (factory !== undefined && factory !== null && !isNamed)) {
    throw new RangeError(`its factory must be None or one of ${factories.join(", ")}`);
  }
  return buildDict(entries ?? createDict(), builder);
}

function counter({ args }: PyCall, builder: Builder): unknown {
  const [counts] = args;
  if (counts === undefined) return {};
  if (args.length !== 1 || !isNode(counts) || counts.kind !== "dict") throw new RangeError("it takes one dictionary");
  return builder.value(counts);
}

function deque({ args, items }: PyCall, builder: Builder): unknown[] {
  return builder.values([...itemsOf(args.slice(0, 1)), ...(items ?? [])]);
}

/** How protocols 0 and 1 make an object that is all state. */
function reconstruct(call: PyCall, builder: Builder): Uuid {
  const [made, base, start] = call.args;
  const isUuid = isNode(made) && made.kind === "global" && made.module === "uuid" && made.name === "UUID";
  const isObject = isNode(base) && base.kind === "global" && base.module === "builtins" && base.name === "object";
  if (!isUuid || !isObject || start !== null || call.args.length !== 3)
    throw new RangeError("only UUIDs are made with it");
  return uuid({ ...call, args: [] }, builder);
}
