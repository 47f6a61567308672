import type { SendOptions } from "../signature/send-options.js";
import type { StandardSchema } from "../standard-schema/standard-schema.js";
import type { TaskContext } from "./task-context.js";
import type { TaskOptions } from "./task-options.js";

/** How arguments of a message reach the function. */
export type CallingStyle = "positional" | "bound" | "schema";

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
  /** Calls the function as its style wants it; `args` are checked by then. */
  run(context: TaskContext, args: readonly unknown[]): unknown;
}
