import type { SendOptions, WireSignature } from "@celeriac/core";
import { ArgumentError, optionsToWire } from "@celeriac/core";
import { kindOf } from "./parts.js";

/** Parts of a signature to be put in the place of its own. */
export interface Replacing {
  readonly args?: readonly unknown[];
  /** Of a task; a composite's are its steps. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** All of them: callbacks, ids and stamps that are not among them are gone. */
  readonly options?: Omit<SendOptions, "kwargs">;
}

/** @throws ArgumentError for keyword arguments of a composite. */
export function replaceParts(signature: WireSignature, { args, kwargs, options }: Replacing): WireSignature {
  if (kwargs !== undefined && kindOf(signature) !== "task") {
    throw new ArgumentError(
      `A ${kindOf(signature)} has no keyword arguments of its own that could be replaced. Replace those of its tasks, or give them with clone().`,
    );
  }
  return {
    ...signature,
    ...(args === undefined ? {} : { args }),
    ...(kwargs === undefined ? {} : { kwargs }),
    ...(options === undefined ? {} : { options: optionsToWire(options) }),
  };
}
