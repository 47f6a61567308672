import type { WireSignature } from "@celeriac/core";
import type { ErrbackOptions } from "../composite/links.js";
import type { ResultNode } from "./result-node.js";

export interface FreezeContext extends ErrbackOptions {
  /** A new id at each call. */
  readonly newId: () => string;
  /** Where steps sent later return their results, for stores that need it. */
  readonly replyTo?: string | undefined;
}

/** Where a signature stands. Ids and groups that it already has are kept. */
export interface Placement {
  readonly id?: string | undefined;
  readonly groupId?: string | undefined;
  readonly groupIndex?: number | undefined;
  /** Body of the chord it belongs to. */
  readonly chord?: WireSignature | undefined;
  readonly rootId?: string | undefined;
  readonly parentId?: string | undefined;
}

export interface Frozen {
  readonly signature: WireSignature;
  readonly result: ResultNode;
}
