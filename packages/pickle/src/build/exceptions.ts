/**
 * Exception objects as data. No class is ever looked up: its name is the data.
 * @module
 */
import { pythonTupleRepr, type WireException } from "@celeriac/core/protocol";
import { isNode, type PyCall, type PyGlobal, type PyValue } from "../machine/nodes.js";
import type { Builder } from "./builder.js";
import { refusal } from "./refusal.js";

/** Every exception of Python's builtins, and nothing else there, is named like this. */
const builtinException = /^[A-Z][A-Za-z]*(?:Error|Exception|ExceptionGroup|Warning|Exit|Interrupt|Iteration)$/;
const className = /^[A-Z]\w*$/;
const exceptionModules: ReadonlySet<string> = new Set([
  "celery.exceptions",
  "billiard.exceptions",
  "kombu.exceptions",
  "amqp.exceptions",
]);

/** Whether the whole value may be an exception: a call of something that no rule knows. */
export function isExceptionCall(whole: PyValue): whole is PyCall {
  return isNode(whole) && whole.kind === "call" && whole.callee.kind === "global" && whole.callee.rule === undefined;
}

/**
 * The exception that a call stands for, in the form in which Celery's JSON results have it. Its arguments must be plain
 * data; so must its state, which is left out.
 */
export function buildException(call: PyCall, builder: Builder): WireException {
  const { callee } = call;
  if (callee.kind !== "global") throw new TypeError("isExceptionCall was not asked");
  if (call.items !== undefined || call.entries !== undefined) throw refusal(callee, "is filled like a list", call);
  const args = builder.values(call.args);
  checkState(call, callee, builder);
  if (callee.module === "celery.utils.serialization" && callee.name === "UnpickleableExceptionWrapper") {
    return unwrap(args, callee, call);
  }
  return { exc_type: callee.name, exc_message: args, exc_module: callee.module };
}

/** The repr of an exception among another's arguments; `undefined` when it need not be one. */
export function describeException(callee: PyGlobal, call: PyCall, builder: Builder): string | undefined {
  const isBuiltin = callee.module === "builtins" && builtinException.test(callee.name);
  const isOfCelery = exceptionModules.has(callee.module) && className.test(callee.name);
  if (!isBuiltin && !isOfCelery) return undefined;
  if (call.items !== undefined || call.entries !== undefined) return undefined;
  const args = builder.values(call.args);
  checkState(call, callee, builder);
  return callee.name + pythonTupleRepr(args).replace(/^\((.*),\)$/s, "($1)");
}

/** State is a dictionary, or nothing. It is built for its refusals. */
function checkState(call: PyCall, callee: PyGlobal, builder: Builder): void {
  const { state } = call;
  if (state === undefined || state === null) return;
  if (!isNode(state) || state.kind !== "dict") throw refusal(callee, "has a state that is no dictionary", call);
  builder.value(state);
}

/** Celery's stand-in for an exception that could not be pickled: module, class, arguments, repr. */
function unwrap(args: readonly unknown[], callee: PyGlobal, call: PyCall): WireException {
  const [module, type, inner] = args;
  if (typeof module !== "string" || typeof type !== "string" || !Array.isArray(inner)) {
    throw refusal(callee, "does not say what it wraps", call);
  }
  return { exc_type: type, exc_message: inner, exc_module: module };
}
