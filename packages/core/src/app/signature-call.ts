import { ArgumentError } from "../errors/index.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { SendOptions } from "../signature/send-options.js";
import { optionsFromWire } from "../signature/wire-options.js";
import type { TaskCall } from "./plan-send.js";

/** What is added when a signature is sent: arguments of a call, or the result of the task before it. */
export interface SignatureAdditions {
  readonly args: readonly unknown[];
  readonly options: SendOptions;
  readonly embed?: TaskCall["embed"];
}

/**
 * A signature as the call it stands for. What is added wins over its own options, except that it stays in its group and
 * keeps its stamps; an immutable one takes no arguments, keyword arguments included. @see Celery `Signature._merge`.
 */
export function signatureCall(
  signature: WireSignature,
  added: SignatureAdditions,
  definition: TaskDefinition | undefined,
): TaskCall {
  if (signature.subtask_type !== null) {
    throw new ArgumentError(
      `A ${signature.subtask_type} is a workflow of several messages: send it with startWorkflow() of @celeriac/canvas.`,
    );
  }
  const own = optionsFromWire(signature.options);
  const { args, options } = added;
  const kwargs = signature.immutable ? signature.kwargs : mergeKwargs(signature.kwargs, options.kwargs);
  const chord = signature.options.chord;
  const embed = isSignature(chord) ? { chord, ...added.embed } : added.embed;
  return {
    name: signature.task,
    args: signature.immutable ? signature.args : [...args, ...signature.args],
    options: {
      ...own,
      ...options,
      kwargs,
      ...(own.groupId === undefined ? {} : { groupId: own.groupId }),
      ...(own.stamps === undefined ? {} : { stamps: { ...options.stamps, ...own.stamps } }),
    },
    definition,
    ...(embed === undefined ? {} : { embed }),
  };
}

function mergeKwargs(own: SendOptions["kwargs"], given: SendOptions["kwargs"]): Readonly<Record<string, unknown>> {
  return given === undefined ? (own ?? {}) : { ...own, ...given };
}

function isSignature(value: unknown): value is WireSignature {
  return typeof value === "object" && value !== null && "task" in value;
}
