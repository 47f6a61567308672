import type { PlannedStep } from "@celeriac/canvas";
import type { ChordPart, OutgoingTask, ResultRecord, WireException, WireSignature } from "@celeriac/core";

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

/** What is to be done after an attempt, as data, in the order in which it must happen. */
export type Effect =
  | Consequence
  | { readonly kind: "resend"; readonly task: OutgoingTask; readonly overrides: Readonly<Record<string, unknown>> }
  | { readonly kind: "dead-letter"; readonly reason: string; readonly detail: string }
  | { readonly kind: "ack" }
  | { readonly kind: "reject"; readonly requeue: boolean }
  /** Back in front of the queue, as if it had never been taken. */
  | { readonly kind: "restore" };
