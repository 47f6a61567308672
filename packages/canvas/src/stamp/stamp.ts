import type { SendOptions, SignatureLike } from "@celeriac/core";
import { optionsFromWire } from "@celeriac/core";
import { stampSignature } from "./stamp-signature.js";
import type { StampingVisitor, StampOptions } from "./stamping-visitor.js";
import type { Stamps } from "./stamps.js";

/** A signature that can be stamped: a task's, or a workflow. */
export interface Stampable extends SignatureLike {
  set(options: SendOptions): SignatureLike;
}

/**
 * A stamped copy of a task's signature, callbacks included; workflows have a method for it.
 * @param how - The stamps themselves, or a visitor that decides part by part.
 * @throws ArgumentError for a stamp named like an option.
 * @see Celery user guide, "Stamping".
 */
export function stamp<S extends Stampable>(signature: S, how: StampingVisitor | Stamps, options: StampOptions = {}): S {
  if ("stamp" in signature && typeof signature.stamp === "function") return signature.stamp(how, options);
  const { stamps, link, linkError } = optionsFromWire(stampedForm(signature, how, options).options);
  const changes: SendOptions = {
    ...(stamps === undefined ? {} : { stamps }),
    ...(link === undefined ? {} : { link }),
    ...(linkError === undefined ? {} : { linkError }),
  };
  return signature.set(changes) as S; // setting options keeps the sort
}

/** The dictionary of the stamped copy. @throws like `stamp`. */
export function stampedForm(
  signature: SignatureLike,
  how: StampingVisitor | Stamps,
  { appendStamps = false }: StampOptions = {},
): ReturnType<SignatureLike["toJSON"]> {
  const isStamps = isPlain(how);
  const visitor = isStamps ? undefined : how;
  return stampSignature(signature.toJSON(), isStamps ? how : {}, { visitor, append: appendStamps });
}

/** Stamps hold values only, a visitor holds methods, which may be its class's. */
function isPlain(how: StampingVisitor | Stamps): how is Stamps {
  const prototype: unknown = Object.getPrototypeOf(how);
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(how).every((value: unknown) => typeof value !== "function")
  );
}
