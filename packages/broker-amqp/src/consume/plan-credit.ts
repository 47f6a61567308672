/**
 * How many messages the server may push. RabbitMQ gives every consumer of a channel a prefetch count of its own, fixed when
 * it starts (the count for a whole channel is not for quorum queues, and is being removed from RabbitMQ). A window that changes is
 * therefore made of several consumers: a wider one starts another consumer with the difference; a narrower one, after a
 * moment, replaces them all. Deliveries of replaced consumers stay ours and count as `orphans`. Between the two the
 * server may have pushed more than the window: those wait here, unseen, until there is room.
 * @module
 */

export interface CreditState {
  /** Unsettled deliveries allowed; may be `Infinity`. */
  readonly window: number;
  /** Prefetch count of each running consumer; `Infinity` for one without limit. */
  readonly grants: readonly number[];
  /** Unsettled deliveries that belong to none of them. */
  readonly orphans: number;
  /** All unsettled deliveries. */
  readonly open: number;
}

export type CreditPlan =
  | { readonly kind: "keep" }
  /** Start one more consumer. */
  | { readonly kind: "add"; readonly credit: number }
  /** Stop all consumers, then start one with this credit; none when it is 0. */
  | { readonly kind: "restart"; readonly credit: number }
  /** The server may push more than the window: restart, unless it is wanted again in a moment. */
  | { readonly kind: "narrow"; readonly credit: number };

/** Beyond it a window is as good as unlimited: AMQP counts in 16 bits. */
export const MAX_CREDIT = 65_535;
const MAX_CONSUMERS = 10;

const KEEP: CreditPlan = { kind: "keep" };

export function planCredit({ window, grants, orphans, open }: CreditState): CreditPlan {
  if (window === 0) return grants.length === 0 ? KEEP : { kind: "restart", credit: 0 };
  const granted = grants.reduce((sum, credit) => sum + credit, 0);
  if (window > MAX_CREDIT) {
    return granted === Number.POSITIVE_INFINITY ? KEEP : { kind: "restart", credit: Number.POSITIVE_INFINITY };
  }
  const left = Math.max(0, window - open);
  const missing = window - granted - orphans;
  if (missing < 0) return grants.length === 0 ? KEEP : { kind: "narrow", credit: left };
  // A little less than allowed is not worth a consumer, as long as there is any.
  if (missing === 0 || (grants.length > 0 && missing < window / 8)) return KEEP;
  return grants.length < MAX_CONSUMERS ? { kind: "add", credit: missing } : { kind: "restart", credit: left };
}
