import type { ResultTuple } from "@celeriac/core/ports";
import { op } from "../machine/opcodes.js";
import { Emitter } from "./emitter.js";
import { PickleWriter } from "./pickle-writer.js";

/** How a pickle is written. */
export interface WritePickleOptions {
  /** Deepest nesting. Default 200, as for JSON. */
  readonly maxDepth?: number;
}

const defaultMaxDepth = 200;

/**
 * A pickle of protocol 4, which Python 3.4 and later read. What has a form in core's JSON becomes in Python what that JSON
 * becomes there; beside it a `Set` becomes a set (a frozenset inside sets and keys), a `Map` a dictionary with any hashable
 * keys (arrays in keys become tuples), a `TimeDelta` a timedelta, NaN and infinities floats. An `Error` becomes the dictionary
 * that Celery stores for a failure, from which Python makes its exception again.
 * @throws EncodeError naming the path of what has no form.
 */
export function writePickle(value: unknown, options: WritePickleOptions = {}): Uint8Array {
  const writer = new PickleWriter(options.maxDepth ?? defaultMaxDepth);
  writer.write(value, undefined, "value");
  return writer.emitter.finish();
}

/**
 * A group as Celery's SQL store saves it: a `GroupResult` of the reader's own app. No store is named inside, so Python uses
 * the one it reads from.
 */
export function writeGroupPickle(group: ResultTuple): Uint8Array {
  const emitter = new Emitter();
  writeResult(group, emitter);
  return emitter.finish();
}

/** `_unpickle_appattr(class name, arguments)`. A tuple without children is a task's result. */
function writeResult([[id, parent], children]: ResultTuple, emitter: Emitter): void {
  emitter.global("celery.app.base", "_unpickle_appattr");
  emitter.key(children === null ? "AsyncResult" : "GroupResult");
  emitter.opcode(op.MARK);
  emitter.text(id);
  if (children === null) {
    // Backend, task name and app: the reader's own.
    for (let index = 0; index < 3; index += 1) emitter.opcode(op.NONE);
    if (parent === null) emitter.opcode(op.NONE);
    else writeResult(parent, emitter);
  } else {
    emitter.opcode(op.EMPTY_LIST);
    emitter.opcode(op.MARK);
    for (const child of children) writeResult(child, emitter);
    emitter.opcode(op.APPENDS);
  }
  emitter.opcode(op.TUPLE);
  emitter.opcode(op.TUPLE2);
  emitter.opcode(op.REDUCE);
}
