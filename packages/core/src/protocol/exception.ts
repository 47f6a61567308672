/**
 * Errors as results carry them. PROTOCOL 7.3, `celery/backends/base.py`.
 * @module
 */
import { TaskError } from "../errors/task-error.js";
import { encodeJson } from "./json.js";
import { pythonBuiltinExceptions } from "./python-exceptions.js";
import { pythonRepr } from "./python-repr.js";
import type { TaskState, WireException } from "./result-meta.js";
import { isRecord } from "./shape.js";

/**
 * Module of errors that are not Python's. No Python process has it loaded, so the reader invents a class of that name; a
 * loaded module in which the name means something else would raise SecurityError there.
 */
const foreignModule = "celeriac.errors";
const engineNames: ReadonlySet<string> = new Set([
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
]);
const maxTypeLength = 255;

/**
 * Any thrown value as data. A class that declares `static pythonModule` (and `pythonType` when its Python name differs)
 * is stored as that Python class, subclasses included; `pythonArgs` of the error replace its message. A failure of another
 * task keeps its original class. A name of a Python builtin exception goes to `builtins`, any other to `celeriac.errors`.
 * Arguments without JSON form become their repr. Never throws.
 */
export function encodeException(error: unknown): WireException {
  const { type, module, args } = portraitOf(error);
  return { exc_type: typeText(type), exc_message: args.map(encodableOf), exc_module: module };
}

interface Portrait {
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
}

function portraitOf(error: unknown): Portrait {
  try {
    if (error instanceof TaskError) return remotePortrait(error);
    if (!isErrorLike(error)) return { type: "Error", module: foreignModule, args: [messageOfThrown(error)] };
    const args = "pythonArgs" in error && Array.isArray(error.pythonArgs) ? error.pythonArgs : [error.message];
    const declared = declaredClass(error);
    if (declared !== undefined) return { ...declared, args };
    const type = nameOf(error);
    return { type, module: pythonBuiltinExceptions.has(type) ? "builtins" : foreignModule, args };
  } catch (fault) {
    // A hostile getter: the error is still reported, by what reading it gave.
    return { type: "Error", module: foreignModule, args: [`unreadable error: ${pythonRepr(fault, 200)}`] };
  }
}

function remotePortrait(error: TaskError): Portrait {
  const isSafe = error.pyModule !== "" && (error.pyModule !== "builtins" || pythonBuiltinExceptions.has(error.pyType));
  return { type: error.pyType, module: isSafe ? error.pyModule : foreignModule, args: error.args };
}

/** The nearest class that says what it is in Python; a subclass is that to Python too. */
function declaredClass(error: object): { readonly type: string; readonly module: string } | undefined {
  let current: unknown = error.constructor;
  while (typeof current === "function" && current !== Function.prototype) {
    const declared: { readonly name: string; readonly pythonModule?: unknown; readonly pythonType?: unknown } = current;
    if (Object.hasOwn(declared, "pythonModule") && typeof declared.pythonModule === "string") {
      const type = typeof declared.pythonType === "string" ? declared.pythonType : declared.name;
      return { type, module: declared.pythonModule };
    }
    current = Object.getPrototypeOf(current);
  }
  return undefined;
}

interface ErrorLike {
  readonly name: string;
  readonly message: string;
}

/** Errors of another realm or copied by structured clone count too. */
function isErrorLike(value: unknown): value is ErrorLike {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && typeof value.name === "string" && "message" in value && typeof value.message === "string";
}

/** The name it was given, or its class when the name is only inherited from the engine's own class. */
function nameOf(error: ErrorLike): string {
  const isGiven = Object.hasOwn(error, "name") || !engineNames.has(error.name);
  const className = error.constructor?.name ?? "";
  return isGiven || className === "" || className === "Object" ? error.name : className;
}

function messageOfThrown(thrown: unknown): unknown {
  if (typeof thrown === "string") return thrown;
  const hasMessage = typeof thrown === "object" && thrown !== null && "message" in thrown;
  return hasMessage && typeof thrown.message === "string" ? thrown.message : pythonRepr(thrown);
}

/** Python makes a class of it: letters, digits, dots. */
function typeText(name: string): string {
  const text = name.slice(0, maxTypeLength).replace(/[^\p{L}\p{N}_.$]/gu, "_");
  return text === "" ? "Error" : text;
}

function encodableOf(value: unknown): unknown {
  if (typeof value === "string") return value;
  try {
    encodeJson(value);
    return value ?? null;
  } catch {
    return pythonRepr(value);
  }
}

/** What `decodeException` is told beside the stored value. */
export interface ExceptionContext {
  readonly taskId: string;
  readonly traceback: string | null;
  readonly state: TaskState;
}

/**
 * The stored exception of a FAILURE, REVOKED or RETRY as an error; code `TASK_REVOKED` for REVOKED, else `TASK_FAILED`.
 * Takes any shape, Celery's old ones and hostile ones included. The class name stays data: nothing is looked up by it.
 */
export function decodeException(result: unknown, context: ExceptionContext): TaskError {
  const isRevoked = context.state === "REVOKED";
  const code = isRevoked ? "TASK_REVOKED" : "TASK_FAILED";
  const { taskId, traceback } = context;
  if (isRecord(result) && typeof result.exc_type === "string" && result.exc_type !== "") {
    const module = typeof result.exc_module === "string" ? result.exc_module : "";
    return new TaskError({ type: result.exc_type, module, args: argsOf(result.exc_message), traceback, taskId }, code);
  }
  const named = isRevoked
    ? { type: "TaskRevokedError", module: "celery.exceptions" }
    : { type: "Exception", module: "builtins" };
  return new TaskError({ ...named, args: argsOf(result ?? undefined), traceback, taskId }, code);
}

/** Old workers stored the message as one text. */
function argsOf(message: unknown): readonly unknown[] {
  if (Array.isArray(message)) return message;
  return message === undefined || message === null ? [] : [message];
}
