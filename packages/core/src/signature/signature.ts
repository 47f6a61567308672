import type { App } from "../app/app.js";
import { encodeJson } from "../protocol/index.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { Callbacks, SendOptions } from "./send-options.js";
import { optionsToWire, toWireCallbacks } from "./wire-options.js";

/** What a signature needs from its app to be sent: given by the app, absent for signatures that only compose. */
export type SignatureSender<Sent> = (signature: WireSignature, args: readonly unknown[], options: SendOptions) => Sent;

/**
 * A task with some or all of its arguments and options, as a value: sent later, passed as an argument, or linked to
 * another task. Changing one gives a new one. `Rest` are the leading arguments still to come, because what arrives later
 * (a call's arguments, a parent's result) goes before the signature's own. @see Celery user guide, "Canvas", signatures.
 */
export interface Signature<Rest extends readonly unknown[], Result, Sent = unknown> {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** In wire names. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly immutable: boolean;
  /** The dictionary that travels. */
  toJSON(): WireSignature;
  /** Adds options; later ones win. */
  set(options: SendOptions): Signature<Rest, Result, Sent>;
  /**
   * A copy with arguments put before its own, keyword arguments and options merged over its own. An immutable one takes
   * the options only.
   */
  clone(args?: readonly unknown[], options?: SendOptions): Signature<Rest, Result, Sent>;
  /** Adds a callback: sent with the result when the task succeeds. */
  link(callbacks: Callbacks): Signature<Rest, Result, Sent>;
  /** Adds an error callback: sent with the task's id when it fails. */
  onError(errbacks: Callbacks): Signature<Rest, Result, Sent>;
  /** Sends it with the missing arguments. */
  delay(...args: Rest): Sent;
  /** Like `delay`, with options that win over the signature's own. */
  call(args: Rest, options?: SendOptions): Sent;
  /** The app that sends it, when it was made by one. */
  readonly "~app"?: App | undefined;
  /** Carries the result's type; never present at run time. */
  readonly "~result"?: Result;
}

/** What `createSignature` is built from. */
export interface SignatureParts {
  readonly task: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Wire names. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly subtaskType?: string | null;
  readonly immutable?: boolean;
}

/** Builds a signature value; `send` runs when it is called or delayed. */
export function createSignature<Rest extends readonly unknown[], Result, Sent>(
  parts: SignatureParts,
  send: SignatureSender<Sent>,
  app?: App,
): Signature<Rest, Result, Sent> {
  return build<Rest, Result, Sent>(
    {
      task: parts.task,
      args: parts.args ?? [],
      kwargs: parts.kwargs ?? {},
      options: parts.options ?? {},
      subtask_type: parts.subtaskType ?? null,
      immutable: parts.immutable ?? false,
    },
    send,
    app,
  );
}

function build<Rest extends readonly unknown[], Result, Sent>(
  wire: WireSignature,
  send: SignatureSender<Sent>,
  app: App | undefined,
): Signature<Rest, Result, Sent> {
  const derive = (changes: Partial<WireSignature>): Signature<Rest, Result, Sent> =>
    build({ ...wire, ...changes }, send, app);
  return {
    task: wire.task,
    args: wire.args,
    kwargs: wire.kwargs,
    options: wire.options,
    immutable: wire.immutable,
    "~app": app,
    toJSON: () => wire,
    set: (options) => derive(mergeOptions(wire, options)),
    clone: (args = [], options = {}) => {
      const merged = mergeOptions(wire, options);
      return derive(wire.immutable ? { options: merged.options } : { ...merged, args: [...args, ...wire.args] });
    },
    link: (callbacks) => derive({ options: append(wire.options, "link", callbacks) }),
    onError: (errbacks) => derive({ options: append(wire.options, "link_error", errbacks) }),
    delay: (...args) => send(wire, args, {}),
    call: (args, options = {}) => send(wire, args, options),
  };
}

function mergeOptions(wire: WireSignature, options: SendOptions): Pick<WireSignature, "kwargs" | "options"> {
  return {
    kwargs: options.kwargs === undefined ? wire.kwargs : { ...wire.kwargs, ...options.kwargs },
    options: { ...wire.options, ...optionsToWire(options) },
  };
}

/** Celery keeps callbacks unique: linking the same signature twice sends it once. */
function append(
  options: Readonly<Record<string, unknown>>,
  name: string,
  callbacks: Callbacks,
): Readonly<Record<string, unknown>> {
  const present = options[name];
  const list: unknown[] = Array.isArray(present)
    ? [...present]
    : present === undefined || present === null
      ? []
      : [present];
  const known = new Set(list.map((item) => encodeJson(item)));
  for (const item of toWireCallbacks(callbacks)) {
    const text = encodeJson(item);
    if (!known.has(text)) list.push(item);
    known.add(text);
  }
  return { ...options, [name]: list };
}
