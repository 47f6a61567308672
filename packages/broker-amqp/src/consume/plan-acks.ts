/** One `basic.ack`. `multiple` settles every open delivery of the channel up to this tag. */
export interface PlannedAck {
  readonly tag: number;
  readonly multiple: boolean;
}

/**
 * As few acks as the order allows: one for everything below the oldest delivery that stays open, then one for each.
 * @param tags - What is acked now, in any order, each once.
 * @param oldestOpen - Smallest tag that is neither settled nor acked now; `undefined` when there is none.
 */
export function planAcks(tags: readonly number[], oldestOpen: number | undefined): readonly PlannedAck[] {
  const limit = oldestOpen ?? Number.POSITIVE_INFINITY;
  let together = 0;
  let last = 0;
  const single: PlannedAck[] = [];
  for (const tag of tags) {
    if (tag < limit) {
      together += 1;
      last = Math.max(last, tag);
    } else single.push({ tag, multiple: false });
  }
  return together === 0 ? single : [{ tag: last, multiple: together > 1 }, ...single];
}
