import type { Channel, ConsumeMessage } from "amqplib";

/** More than a consumer's window can hold: AMQP has two bytes for it. */
const WIDEST_WINDOW = 65_535;

export interface ReadThroughOptions {
  readonly queue: string;
  /** Nobody waits for it any more: the channel is closed, and what was taken goes back. */
  readonly signal: AbortSignal;
  /** Hears of each message, from the oldest on. @returns whether it wants more. */
  readonly onMessage: (message: ConsumeMessage) => boolean;
}

/**
 * Takes what is in a queue now, all in one go: as many round trips as it takes to send the messages, not one for each.
 * Closing the channel gives back what was not acknowledged, to its place.
 * @throws what amqplib says, or the signal's reason.
 */
export async function readThrough(channel: Channel, { queue, signal, onMessage }: ReadThroughOptions): Promise<void> {
  signal.throwIfAborted();
  const stop = (): void => {
    channel.close().catch(() => undefined); // closed already
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { messageCount } = await channel.checkQueue(queue);
    if (messageCount === 0) return;
    let left = messageCount;
    await channel.prefetch(Math.min(messageCount, WIDEST_WINDOW));
    await channel.consume(queue, (message) => {
      if (message === null || left === 0) return;
      left = onMessage(message) ? left - 1 : 0;
    });
    // A queue hands out its messages before it says that it has none left, and the answer to the question after that comes
    // behind them: whoever has dropped some of them meanwhile keeps nobody waiting.
    for (let isEmpty = false, isOver = false; left > 0 && !isOver; ) {
      isOver = isEmpty;
      isEmpty = (await channel.checkQueue(queue)).messageCount === 0;
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
