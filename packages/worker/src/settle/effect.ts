import type { OutgoingTask, ResultRecord, WireSignature } from "@celeriac/core";

/** What is to be done after an attempt, as data, in the order in which it must happen. */
export type Effect =
  | {
      readonly kind: "call";
      readonly signature: WireSignature;
      /** The same however often the attempt or the send is repeated, so that repetitions can be told. */
      readonly taskId: string;
      readonly args: readonly unknown[];
      /** Remaining steps of a chain, when this is its next one. */
      readonly rest: readonly WireSignature[] | null;
    }
  | { readonly kind: "resend"; readonly task: OutgoingTask; readonly overrides: Readonly<Record<string, unknown>> }
  | { readonly kind: "store"; readonly record: ResultRecord }
  | { readonly kind: "dead-letter"; readonly reason: string; readonly detail: string }
  | { readonly kind: "ack" }
  | { readonly kind: "reject"; readonly requeue: boolean }
  /** Back in front of the queue, as if it had never been taken. */
  | { readonly kind: "restore" };
