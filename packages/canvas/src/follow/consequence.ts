import type { ChordPart, ResultRecord, WireException, WireSignature } from "@celeriac/core";
import type { PlannedStep } from "../plan/planned-task.js";

/** What a task leads to, whatever becomes of its message. */
export type Consequence =
  /** Messages to publish, with what the store must know before. */
  | { readonly kind: "send"; readonly steps: readonly PlannedStep[] }
  | { readonly kind: "store"; readonly record: ResultRecord }
  /** A completion of a chord's header; the last one sends the body. */
  | { readonly kind: "part"; readonly part: ChordPart; readonly body: WireSignature }
  | { readonly kind: "errback"; readonly call: ErrbackCall };

/** An error callback to be called here with the error itself. */
export interface ErrbackCall {
  readonly signature: WireSignature;
  readonly failed: FailedRequest;
  readonly exception: WireException;
  readonly traceback: string | null;
}

/** What an error callback is told of the task that failed: its first argument. */
export interface FailedRequest {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly retries: number;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly group: string | null;
}
