/**
 * Classes, functions and calls: written down, never carried out.
 * @module
 */
import type { Handler } from "./handler.js";
import { cost, type Machine } from "./machine.js";
import { createCall, isNode, type PyCall, type PyGlobal, type PyValue } from "./nodes.js";
import { op } from "./opcodes.js";

/** What these opcodes do. */
export const objectOps: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [op.GLOBAL, (machine) => machine.push(machine.global(machine.cursor.textLine(), machine.cursor.textLine()))],
  [op.STACK_GLOBAL, stackGlobal],
  [op.REDUCE, (machine) => call(machine, machine.pop(), machine.pop())],
  [op.NEWOBJ, (machine) => call(machine, machine.pop(), machine.pop())],
  [op.NEWOBJ_EX, newObjectEx],
  [op.OBJ, object],
  [op.INST, instance],
  [op.BUILD, build],
  [op.PERSID, refuse("persistent ids are not part of the value")],
  [op.BINPERSID, refuse("persistent ids are not part of the value")],
  [op.EXT1, refuse("the extension registry is not part of the value")],
  [op.EXT2, refuse("the extension registry is not part of the value")],
  [op.EXT4, refuse("the extension registry is not part of the value")],
  [op.NEXT_BUFFER, refuse("out-of-band buffers are not part of the value")],
  [op.READONLY_BUFFER, refuse("out-of-band buffers are not part of the value")],
]);

function refuse(reason: string): Handler {
  return (machine) => {
    throw machine.cursor.fault("PICKLE_REFUSED", reason);
  };
}

function stackGlobal(machine: Machine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== "string" || typeof module !== "string") {
    throw machine.cursor.fault("PICKLE_MALFORMED", "the name of a class is not text");
  }
  machine.push(machine.global(module, name));
}

function call(machine: Machine, args: PyValue, callee: PyValue): void {
  if (!isNode(args) || args.kind !== "tuple") {
    throw machine.cursor.fault("PICKLE_MALFORMED", "the arguments of a call are no tuple");
  }
  pushCall(machine, calleeOf(machine, callee), args.items);
}

function pushCall(machine: Machine, callee: PyGlobal | PyCall, args: readonly PyValue[]): void {
  machine.push(createCall(callee, args, machine.cursor.origin), cost.call);
}

function calleeOf(machine: Machine, value: PyValue | undefined): PyGlobal | PyCall {
  if (isNode(value) && (value.kind === "global" || value.kind === "call")) return value;
  throw machine.cursor.fault("PICKLE_MALFORMED", "what is called is neither class nor function");
}

function newObjectEx(machine: Machine): void {
  const kwargs = machine.pop();
  const args = machine.pop();
  const callee = machine.pop();
  if (!isNode(kwargs) || kwargs.kind !== "dict") {
    throw machine.cursor.fault("PICKLE_MALFORMED", "keyword arguments are no dictionary");
  }
  if (kwargs.keys.length > 0) {
    throw machine.cursor.fault("PICKLE_REFUSED", "nothing that is plain data is made with keyword arguments");
  }
  call(machine, args, callee);
}

function object(machine: Machine): void {
  const [callee, ...args] = machine.popToMark();
  pushCall(machine, calleeOf(machine, callee), args);
}

function instance(machine: Machine): void {
  const callee = machine.global(machine.cursor.textLine(), machine.cursor.textLine());
  pushCall(machine, callee, machine.popToMark());
}

function build(machine: Machine): void {
  const state = machine.pop();
  const target = machine.top();
  if (!isNode(target) || target.kind !== "call" || target.state !== undefined) {
    throw machine.cursor.fault("PICKLE_REFUSED", "it sets the state of what has none");
  }
  target.state = state;
}
