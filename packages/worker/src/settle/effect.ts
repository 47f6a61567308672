import type { OutgoingTask, ResultRecord, WireSignature } from "@celeriac/core";

/** What is to be done after an attempt, as data, in the order in which it must happen. */
export type Effect =
  | {
      readonly kind: "call";
      readonly signature: WireSignature;
      readonly args: readonly unknown[];
      readonly rest: readonly WireSignature[] | null;
    }
  | { readonly kind: "resend"; readonly task: OutgoingTask; readonly overrides: Readonly<Record<string, unknown>> }
  | { readonly kind: "store"; readonly record: ResultRecord }
  | { readonly kind: "dead-letter"; readonly reason: string; readonly detail: string }
  | { readonly kind: "ack" }
  | { readonly kind: "reject"; readonly requeue: boolean };
