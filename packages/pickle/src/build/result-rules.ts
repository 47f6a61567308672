/**
 * Celery's result objects, which its SQL store pickles to save a group.
 * @module
 * @see PROTOCOL 7.9, `celery/result.py`.
 */
import type { ResultTuple } from "@celeriac/core/ports";
import { isNode, type PyCall, type PyValue } from "../machine/nodes.js";
import type { Builder } from "./builder.js";
import { Part } from "./part.js";
import type { GlobalRules } from "./rule.js";

/** Known only where a saved group is expected. */
export const resultRules: GlobalRules = [
  ["celery.app.base:_unpickle_appattr", { construct: appResult }],
  ["celery.result:AsyncResult", { construct: ({ args }, builder) => taskResult(args, builder) }],
  ["celery.result:GroupResult", { construct: ({ args }, builder) => groupResult(args, builder) }],
  ["celery.backends.base:unpickle_backend", { construct: backend }],
];

/** `_unpickle_appattr(class name, arguments)`: the class as the app has it. */
function appResult({ args }: PyCall, builder: Builder): Part {
  const [name, inner] = args;
  if (!isNode(inner) || inner.kind !== "tuple") throw new RangeError("it takes a tuple of arguments");
  if (name === "AsyncResult") return taskResult(inner.items, builder);
  if (name === "GroupResult") return groupResult(inner.items, builder);
  throw new RangeError("only AsyncResult and GroupResult are results");
}

/** `AsyncResult(id, backend, task name, app, parent)`. */
function taskResult(args: readonly PyValue[], builder: Builder): Part {
  const [id, store = null, name = null, app = null, parent = null] = args;
  if (args.length > 5 || app !== null || (name !== null && typeof name !== "string")) {
    throw new RangeError("a result takes id, backend, name and parent");
  }
  if (store !== null && partOf(store, builder).kind !== "backend") throw new RangeError("a backend is none");
  return result([[idOf(id, builder), parent === null ? null : tupleOf(parent, builder)], null]);
}

/** `GroupResult(id, results)`. */
function groupResult(args: readonly PyValue[], builder: Builder): Part {
  const [id, children] = args;
  if (args.length !== 2 || !isNode(children) || (children.kind !== "list" && children.kind !== "tuple")) {
    throw new RangeError("a group takes id and results");
  }
  const name = idOf(id, builder);
  return result([[name, null], children.items.map((child) => tupleOf(child, builder))]);
}

/** Class, arguments and settings of the store that wrote it, its URL with password included: none of it is kept. */
function backend({ args }: PyCall, builder: Builder): Part {
  const [type] = args;
  if (!isNode(type) || type.kind !== "global" || args.length !== 3) throw new RangeError("it takes a class");
  for (const arg of args.slice(1)) builder.discard(arg);
  return new Part({ kind: "backend" });
}

function result(tuple: ResultTuple): Part {
  return new Part({ kind: "result", tuple });
}

function idOf(source: PyValue | undefined, builder: Builder): string {
  const id = builder.value(source ?? null);
  if (typeof id !== "string") throw new RangeError("an id is not text");
  return id;
}

function tupleOf(source: PyValue, builder: Builder): ResultTuple {
  const part = partOf(source, builder);
  if (part.kind !== "result") throw new RangeError("a result is none");
  return part.tuple;
}

function partOf(source: PyValue, builder: Builder): Part["of"] {
  const part = builder.part(source);
  if (!(part instanceof Part)) throw new RangeError("a plain value stands where an object must");
  return part.of;
}
