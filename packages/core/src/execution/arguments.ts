import { ArgumentError } from "../errors/index.js";
import { validate } from "../standard-schema/validate.js";
import type { TaskDefinition } from "./task-definition.js";

/**
 * Turns the `args` and `kwargs` of a message into the argument list of the function. Positional tasks take keyword
 * arguments when they declare `params`; schema tasks take one object: the keyword arguments, or a single positional one.
 * @throws ArgumentError, stored as Python's TypeError.
 */
export function bindArguments(
  task: TaskDefinition,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): readonly unknown[] | Promise<readonly unknown[]> {
  if (task.style === "raw") return args;
  if (task.style === "schema") return bindSchema(task, args, kwargs);
  const bound = hasKeys(kwargs) ? mergeNamed(task, args, kwargs) : args;
  if (bound.length < task.minArgs) {
    throw new ArgumentError(
      `${task.name}() takes at least ${task.minArgs} positional ${task.minArgs === 1 ? "argument" : "arguments"} but ${bound.length} ${bound.length === 1 ? "was" : "were"} given`,
    );
  }
  return bound;
}

function hasKeys(record: Readonly<Record<string, unknown>>): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return true;
  return false;
}

function mergeNamed(
  task: TaskDefinition,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  const { params } = task;
  const names = Object.keys(kwargs);
  if (params === undefined) {
    throw new ArgumentError(
      `${task.name}() got keyword arguments (${names.join(", ")}) but declares no names for its parameters. Send positional arguments, or give the task \`params: ["${names.join('", "')}"]\`.`,
    );
  }
  const bound: unknown[] = [...args];
  for (const name of names) {
    const index = params.indexOf(name);
    if (index < 0) throw new ArgumentError(`${task.name}() got an unexpected keyword argument '${name}'`);
    if (index < args.length) throw new ArgumentError(`${task.name}() got multiple values for argument '${name}'`);
    bound[index] = kwargs[name];
  }
  const missing = params
    .slice(0, Math.max(task.minArgs, bound.length))
    .filter((name, index) => !(index in bound) && index < task.minArgs && name !== "");
  if (missing.length > 0) {
    throw new ArgumentError(
      `${task.name}() missing ${missing.length} required positional ${missing.length === 1 ? "argument" : "arguments"}: ${missing.map((name) => `'${name}'`).join(", ")}`,
    );
  }
  return bound;
}

async function bindSchema(
  task: TaskDefinition,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): Promise<readonly unknown[]> {
  if (args.length > 1 || (args.length === 1 && hasKeys(kwargs))) {
    throw new ArgumentError(
      `${task.name}() takes one object as keyword arguments; ${args.length} positional arguments were given.`,
    );
  }
  const input = args.length === 1 ? args[0] : kwargs;
  if (task.input === undefined) return [input];
  return [await validate(task.input, input, `input of task "${task.name}"`)];
}
