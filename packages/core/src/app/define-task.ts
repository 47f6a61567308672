import { ArgumentError, ConfigError } from "../errors/index.js";
import type { TaskContext } from "../execution/task-context.js";
import type { CallingStyle, TaskDefinition } from "../execution/task-definition.js";
import type { TaskOptions } from "../execution/task-options.js";
import type { SendOptions } from "../signature/send-options.js";
import type { StandardSchema } from "../standard-schema/standard-schema.js";

/** Options as `app.task` takes them, all styles in one. */
export interface DefineOptions extends TaskOptions {
  readonly bind?: boolean;
  readonly input?: StandardSchema;
  readonly output?: StandardSchema;
  readonly progress?: StandardSchema;
}

/** The user's function as the engine sees it: what it may be given is checked by `bindArguments`. */
export type TaskFunction = (...args: never[]) => unknown;

/** @throws ConfigError for a name or an option that cannot work. */
export function defineTask(name: string, options: DefineOptions, fn: TaskFunction): TaskDefinition {
  checkName(name);
  const { bind = false, input, output, progress, ...rest } = options;
  const style: CallingStyle = input !== undefined ? "schema" : bind ? "bound" : "positional";
  const call = fn as (...args: unknown[]) => unknown; // the registry holds functions of every signature
  return {
    name,
    options: rest,
    sendDefaults: sendDefaults(rest),
    style,
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(progress === undefined ? {} : { progress }),
    ...parameters(rest.params, fn.length - (style === "bound" ? 1 : 0)),
    run: runner(style, call),
  };
}

/**
 * Parameters by name, and how many a call needs. Without names nothing is demanded: `length` counts a TypeScript optional
 * parameter like any other.
 * @param length - Parameters before the first one with a default.
 */
function parameters(
  names: readonly string[] | undefined,
  length: number,
): Pick<TaskDefinition, "params" | "minArgs" | "arity"> {
  if (names === undefined) return { minArgs: 0, arity: length };
  const firstOptional = names.findIndex((name) => name.endsWith("?"));
  return {
    params: names.map((name) => name.replace(/\?$/, "")),
    arity: names.length,
    minArgs: Math.max(0, Math.min(length, firstOptional < 0 ? names.length : firstOptional)),
  };
}

function runner(style: CallingStyle, call: (...args: unknown[]) => unknown): TaskDefinition["run"] {
  if (style === "bound") return (context: TaskContext, args) => call(context, ...args);
  if (style === "schema") return (context: TaskContext, args) => call(args[0], context);
  return (_context, args) => call(...args);
}

function checkName(name: string): void {
  if (typeof name === "string" && name.length > 0 && name.length <= 255 && !/[\p{Cc}]/u.test(name)) return;
  throw new ConfigError([
    {
      key: "task name",
      message: `${JSON.stringify(name)} is not a task name: give 1 to 255 characters, for example "shop.send_receipt".`,
    },
  ]);
}

const CALL_DEFAULTS = [
  "queue",
  "exchange",
  "routingKey",
  "priority",
  "serializer",
  "compression",
  "deliveryMode",
  "expires",
  "timeLimit",
  "softTimeLimit",
  "ignoreResult",
] as const satisfies readonly (keyof TaskOptions & keyof SendOptions)[];

function sendDefaults(options: TaskOptions): SendOptions {
  // Absent options stay absent: an undefined would hide what the route says.
  return Object.fromEntries(
    CALL_DEFAULTS.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  );
}

/** Splits the arguments of a call into what travels: schema tasks send one object as keyword arguments. */
export function toWireArguments(
  name: string,
  style: CallingStyle,
  args: readonly unknown[],
): { readonly args: readonly unknown[]; readonly kwargs?: Readonly<Record<string, unknown>> } {
  if (style !== "schema") return { args };
  const input = args[0] ?? {};
  if (typeof input === "object" && !Array.isArray(input))
    return { args: [], kwargs: input as Readonly<Record<string, unknown>> }; // an object by the line before
  throw new ArgumentError(`${name}() takes one object, which travels as keyword arguments; ${typeof input} was given.`);
}
