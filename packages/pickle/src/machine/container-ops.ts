/**
 * Tuples, lists, dictionaries and sets, and the stack and memo that they are put together with.
 * @module
 */
import type { Handler } from "./handler.js";
import { cost, type Machine } from "./machine.js";
import { createDict, createSequence, createSet, isNode, type PyDict, type PyValue } from "./nodes.js";
import { op } from "./opcodes.js";

/** What these opcodes do. */
export const containerOps: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [op.MARK, (machine) => machine.mark()],
  [op.POP, (machine) => machine.popOrMark()],
  [op.POP_MARK, (machine) => void machine.popToMark()],
  [op.DUP, (machine) => machine.push(machine.top())],
  [op.PUT, (machine) => machine.put(memoIndex(machine))],
  [op.BINPUT, (machine) => machine.put(machine.cursor.uint8())],
  [op.LONG_BINPUT, (machine) => machine.put(machine.cursor.uint32())],
  [op.MEMOIZE, (machine) => machine.memoize()],
  [op.GET, (machine) => machine.get(memoIndex(machine))],
  [op.BINGET, (machine) => machine.get(machine.cursor.uint8())],
  [op.LONG_BINGET, (machine) => machine.get(machine.cursor.uint32())],
  [op.EMPTY_TUPLE, (machine) => pushSequence(machine, "tuple", [])],
  [op.TUPLE1, (machine) => pushTuple(machine, 1)],
  [op.TUPLE2, (machine) => pushTuple(machine, 2)],
  [op.TUPLE3, (machine) => pushTuple(machine, 3)],
  [op.TUPLE, (machine) => pushSequence(machine, "tuple", machine.popToMark())],
  [op.EMPTY_LIST, (machine) => pushSequence(machine, "list", [])],
  [op.LIST, (machine) => pushSequence(machine, "list", machine.popToMark())],
  [op.APPEND, (machine) => append(machine, [machine.pop()])],
  [op.APPENDS, (machine) => append(machine, machine.popToMark())],
  [op.EMPTY_DICT, (machine) => machine.push(createDict(), cost.node)],
  [op.DICT, readDict],
  [op.SETITEM, setItem],
  [op.SETITEMS, (machine) => setItems(machine, machine.popToMark())],
  [op.EMPTY_SET, (machine) => machine.push(createSet("set", []), cost.node)],
  [op.FROZENSET, readFrozenSet],
  [op.ADDITEMS, addItems],
]);

function memoIndex(machine: Machine): number {
  const text = machine.cursor.line();
  if (!/^\d{1,10}$/.test(text)) throw machine.cursor.fault("PICKLE_MALFORMED", "a memo index is not a number");
  return Number(text);
}

function pushSequence(machine: Machine, kind: "list" | "tuple", items: PyValue[]): void {
  machine.push(createSequence(kind, items), cost.node + items.length * cost.slot);
}

function pushTuple(machine: Machine, length: 1 | 2 | 3): void {
  const items: PyValue[] = [];
  for (let index = 0; index < length; index += 1) items.unshift(machine.pop());
  pushSequence(machine, "tuple", items);
}

function append(machine: Machine, added: readonly PyValue[]): void {
  const target = machine.top();
  machine.charge(added.length * cost.slot);
  if (isNode(target) && target.kind === "list") {
    pushAll(target.items, added);
  } else if (isNode(target) && target.kind === "call") {
    target.items ??= [];
    pushAll(target.items, added);
  } else {
    throw machine.cursor.fault("PICKLE_MALFORMED", "items are added to what is no list");
  }
}

function readDict(machine: Machine): void {
  const items = machine.popToMark();
  machine.push(createDict(), cost.node);
  setItems(machine, items);
}

function setItem(machine: Machine): void {
  const value = machine.pop();
  const key = machine.pop();
  setItems(machine, [key, value]);
}

function setItems(machine: Machine, items: readonly PyValue[]): void {
  if (items.length % 2 !== 0) throw machine.cursor.fault("PICKLE_MALFORMED", "a key has no value");
  machine.charge(items.length * cost.slot);
  const dict = dictOnTop(machine);
  for (let index = 0; index < items.length; index += 2) {
    dict.keys.push(items[index] ?? null);
    dict.values.push(items[index + 1] ?? null);
  }
}

function dictOnTop(machine: Machine): PyDict {
  const target = machine.top();
  if (isNode(target) && target.kind === "dict") return target;
  if (isNode(target) && target.kind === "call") {
    target.entries ??= createDict();
    return target.entries;
  }
  throw machine.cursor.fault("PICKLE_MALFORMED", "entries are set on what is no dictionary");
}

function readFrozenSet(machine: Machine): void {
  const items = machine.popToMark();
  machine.push(createSet("frozenset", items), cost.node + items.length * cost.slot);
}

function addItems(machine: Machine): void {
  const added = machine.popToMark();
  const target = machine.top();
  machine.charge(added.length * cost.slot);
  if (!isNode(target) || target.kind !== "set") {
    throw machine.cursor.fault("PICKLE_MALFORMED", "items are added to what is no set");
  }
  pushAll(target.items, added);
}

/** Not `push(...added)`: a spread puts every item on the call stack. */
function pushAll(items: PyValue[], added: readonly PyValue[]): void {
  for (const item of added) items.push(item);
}
