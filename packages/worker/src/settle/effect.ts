import type { Consequence } from "@celeriac/canvas";
import type { OutgoingTask } from "@celeriac/core";

/** What is to be done after an attempt, as data, in the order in which it must happen. */
export type Effect =
  | Consequence
  | { readonly kind: "resend"; readonly task: OutgoingTask; readonly overrides: Readonly<Record<string, unknown>> }
  | { readonly kind: "dead-letter"; readonly reason: string; readonly detail: string }
  | { readonly kind: "ack" }
  /** `counts: false`: the task asked for it. */
  | { readonly kind: "reject"; readonly requeue: boolean; readonly counts?: boolean }
  /** Back in front of the queue, as if it had never been taken. */
  | { readonly kind: "restore" };
