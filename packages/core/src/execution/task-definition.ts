import type { SendOptions } from "../signature/send-options.js";
import type { StandardSchema } from "../standard-schema/standard-schema.js";
import type { TaskContext } from "./task-context.js";
import type { TaskOptions } from "./task-options.js";

/** How arguments of a message reach the function. `raw`: it reads them from the request, as tasks of the worker's own do. */
export type CallingStyle = "positional" | "bound" | "schema" | "raw";

/** A registered task: name, options, and the user's function behind one calling convention. */
export interface TaskDefinition {
  readonly name: string;
  readonly options: TaskOptions;
  /** Those of the options that count as options of each call. */
  readonly sendDefaults: SendOptions;
  readonly style: CallingStyle;
  readonly input?: StandardSchema;
  readonly output?: StandardSchema;
  readonly progress?: StandardSchema;
  /** Names of the positional parameters, when the task declares them. */
  readonly params?: readonly string[];
  /** Arguments the function needs at least, without the context; 0 when its parameters have no names. */
  readonly minArgs: number;
  /** Positional parameters the function declares, without the context: new-style error callbacks have several. */
  readonly arity: number;
  /** Calls the function as its style wants it; `args` are checked by then. */
  run(context: TaskContext, args: readonly unknown[]): unknown;
}
