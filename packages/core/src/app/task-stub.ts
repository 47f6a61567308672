import type { CallingStyle } from "../execution/task-definition.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { SendOptions } from "../signature/send-options.js";
import type { Signature } from "../signature/signature.js";
import { createSignature } from "../signature/signature.js";
import type { StandardSchema } from "../standard-schema/standard-schema.js";
import { validateNow } from "../standard-schema/validate.js";
import type { App } from "./app.js";
import { toWireArguments } from "./define-task.js";
import type { Sending } from "./sending.js";
import type { RemoteTask } from "./task.js";

/** What a stub needs of its app. */
export interface StubSender {
  readonly app: App;
  send(name: string, args: readonly unknown[], options: SendOptions): Sending<unknown>;
  sendSignature(signature: WireSignature, args: readonly unknown[], options: SendOptions): Sending<unknown>;
}

/** How the arguments of a stub travel, and what checks them before they do. */
export interface StubShape {
  readonly style: CallingStyle;
  readonly input?: StandardSchema | undefined;
}

/** The sending half of a task, typed by whoever hands it out. */
export function createStub(
  name: string,
  shape: StubShape,
  sender: StubSender,
): RemoteTask<readonly unknown[], unknown> {
  const { style, input } = shape;
  const call = (args: readonly unknown[], options: SendOptions = {}): Sending<unknown> => {
    if (style !== "schema") return sender.send(name, args, options);
    const wire = toWireArguments(name, style, args);
    if (input !== undefined) validateNow(input, wire.kwargs, `input of task "${name}"`);
    return sender.send(name, wire.args, { ...options, kwargs: { ...wire.kwargs, ...options.kwargs } });
  };
  const sign = (
    args: readonly unknown[],
    immutable: boolean,
  ): Signature<readonly unknown[], unknown, Sending<unknown>> => {
    const wire = args.length === 0 ? { args } : toWireArguments(name, style, args);
    return createSignature(
      { task: name, ...wire, immutable },
      (signature, given, options) => {
        if (style !== "schema" || given.length === 0) return sender.sendSignature(signature, given, options);
        const { kwargs } = toWireArguments(name, style, given); // as Python wants it: one object, by keywords
        return sender.sendSignature(signature, [], { ...options, kwargs: { ...kwargs, ...options.kwargs } });
      },
      sender.app,
    );
  };
  return {
    name,
    delay: (...args) => call(args),
    call,
    s: ((...args: readonly unknown[]) => sign(args, false)) as RemoteTask<readonly unknown[], unknown>["s"], // partials are typed by the interface
    si: (...args) => sign(args, true) as Signature<readonly [], unknown, Sending<unknown>>, // complete: nothing is left to give
  };
}
