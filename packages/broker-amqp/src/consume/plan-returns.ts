/** A message that was pushed to us and that nobody has seen. */
export interface Unseen {
  /** How often it came back to its queue before; `undefined` when that cannot be known. */
  readonly deliveryCount: number | undefined;
  /** What its queue says about how often a message may come back: beyond it RabbitMQ drops it. */
  readonly deliveryLimit?: unknown;
}

/**
 * Which of the unseen messages go back, so that somebody who is free can have them: the youngest of those that there is no
 * room for. A quorum queue counts each time, and drops the message beyond a limit (20 in RabbitMQ 4, unless it is set), as
 * if somebody had failed to run it. So nobody gives back unseen what came back before: it costs a message one at most,
 * however many workers it meets. Where nothing is counted, every time is the first.
 * @param room - How many of them may be handed out.
 */
export function planReturns<T extends Unseen>(unseen: readonly T[], room: number): readonly T[] {
  const surplus = unseen.length - room;
  return surplus <= 0 ? [] : unseen.filter(mayGoBack).slice(-surplus);
}

function mayGoBack({ deliveryCount, deliveryLimit }: Unseen): boolean {
  return deliveryCount === 0 && Number(deliveryLimit ?? -1) !== 0; // a negative limit is none
}
