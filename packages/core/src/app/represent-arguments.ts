import type { TaskDefinition } from "../execution/task-definition.js";
import { pythonRepr } from "../protocol/index.js";
import type { OutgoingTask } from "../protocol/task-request.js";
import type { SendOptions } from "../signature/send-options.js";

const HIDDEN = "<hidden>";

/**
 * What logs, events and monitors may show of the arguments, when that is not simply their repr: the caller's own text,
 * or the arguments with the ones the task declares `sensitive` hidden. Empty when the plain repr will do.
 */
export function representArguments(
  definition: TaskDefinition | undefined,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  options: SendOptions,
): Pick<OutgoingTask, "argsrepr" | "kwargsrepr"> {
  const sensitive = definition?.options.sensitive ?? false;
  if (sensitive === false && options.argsrepr === undefined && options.kwargsrepr === undefined) return {};
  const params = definition?.params ?? [];
  const hides = (name: string | undefined): boolean =>
    sensitive === true || (sensitive !== false && name !== undefined && sensitive.includes(name));
  const shownArgs = args.map((value, index) => (hides(params[index]) ? HIDDEN : value));
  const shownKwargs = Object.fromEntries(
    Object.entries(kwargs).map(([name, value]) => [name, hides(name) ? HIDDEN : value]),
  );
  return {
    argsrepr:
      options.argsrepr ??
      `(${shownArgs.map((value) => pythonRepr(value)).join(", ")}${shownArgs.length === 1 ? "," : ""})`,
    kwargsrepr: options.kwargsrepr ?? pythonRepr(shownKwargs),
  };
}
