import type { TypedValueCodec } from "./typed-codec.js";

/** Deepest nesting read and written unless told otherwise; far below what would overflow a stack. */
export const defaultMaxDepth = 200;

/** How JSON is written and read. */
export interface JsonOptions {
  /**
   * Form of dates, decimals, UUIDs and bytes when writing. `tagged` (default): kombu 5.3 and later read them back.
   * `text`: plain text for peers with kombu before 5.3, one-way, bytes refused. Reading understands tags in both.
   */
  readonly typed?: "tagged" | "text";
  /** More kinds of tagged values. */
  readonly types?: readonly TypedValueCodec[];
  /** Deepest nesting of arrays and objects allowed. Default 200. */
  readonly maxDepth?: number;
}
