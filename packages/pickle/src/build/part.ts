import type { ResultTuple } from "@celeriac/core/ports";
import type { PyGlobal } from "../machine/nodes.js";
import type { Zone } from "./zone.js";

/** What is no value by itself, only a part of one. */
export type PartKind =
  | { readonly kind: "class"; readonly global: PyGlobal }
  | { readonly kind: "zone"; readonly zone: Zone }
  /** `ZoneInfo._unpickle`. */
  | { readonly kind: "zone maker" }
  | { readonly kind: "result"; readonly tuple: ResultTuple }
  | { readonly kind: "backend" };

/** Wraps one, so that it cannot be taken for a value of the pickle's. */
export class Part {
  readonly of: PartKind;

  constructor(of: PartKind) {
    this.of = of;
  }
}
