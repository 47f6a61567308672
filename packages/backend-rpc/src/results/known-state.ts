import type { DecodeError } from "@celeriac/core/errors";
import type { ResultMeta } from "@celeriac/core/protocol";

/** The newest that was heard of a task. */
export type KnownState =
  | { readonly kind: "meta"; readonly meta: ResultMeta }
  | { readonly kind: "unreadable"; readonly error: DecodeError };
