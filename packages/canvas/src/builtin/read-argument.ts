import type { ResultTuple, TaskDefinition, WireSignature } from "@celeriac/core";
import { ArgumentError, NotRegistered, nearest } from "@celeriac/core";

/** @throws ArgumentError */
export function signatureIn(value: unknown, name: string): WireSignature {
  if (typeof value === "object" && value !== null && "task" in value && typeof value.task === "string") {
    const { task, args, kwargs, options, subtask_type, immutable } = value as Partial<WireSignature> & { task: string }; // checked below
    return {
      ...value,
      task,
      args: Array.isArray(args) ? args : [],
      kwargs: isRecord(kwargs) ? kwargs : {},
      options: isRecord(options) ? options : {},
      subtask_type: subtask_type ?? null,
      immutable: immutable === true,
    };
  }
  throw new ArgumentError(`${name} must be a signature, not ${typeof value}.`);
}

/** @throws ArgumentError */
export function listIn(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ArgumentError(`${name} must be a list, not ${value === null ? "null" : typeof value}.`);
}

/** @throws ArgumentError */
export function textIn(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new ArgumentError(`${name} must be text, not ${typeof value}.`);
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Celery's form of a result: `[[id, parent], children]`. @throws ArgumentError */
export function tupleIn(value: unknown): ResultTuple {
  if (Array.isArray(value) && value.length === 2) {
    const [own, children] = value;
    const id = Array.isArray(own) ? own[0] : own;
    if (typeof id === "string") return [[id, null], Array.isArray(children) ? children.map(tupleIn) : null];
  }
  throw new ArgumentError("A result must be [[id, parent], children].");
}

/** The task a signature names. @throws NotRegistered */
export function taskNamed(tasks: ReadonlyMap<string, TaskDefinition>, { task }: WireSignature): TaskDefinition {
  const definition = tasks.get(task);
  if (definition === undefined) throw new NotRegistered(task, nearest(task, tasks.keys()));
  return definition;
}
