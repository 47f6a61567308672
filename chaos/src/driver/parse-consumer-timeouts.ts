/** A channel that RabbitMQ has closed because a message was not acknowledged in time. */
export interface ConsumerTimeout {
  /** Epoch milliseconds: from then on the messages of the channel are somebody else's. */
  readonly atMs: number;
  /** Of the client, on this machine. */
  readonly port: number;
}

/** Two lines of the log, each with the same time: whose channel, and why. */
const TIMED_OUT =
  /^(\S+) (\S+) \[error\] \S+ Channel error on connection \S+ \(\S+?:(\d+) -> [^\n]*\n[^\n]*precondition_failed: delivery acknowledgement on channel \d+ timed out/gm;

/** Reads them out of the log of a server. */
export function parseConsumerTimeouts(log: string): readonly ConsumerTimeout[] {
  return [...log.matchAll(TIMED_OUT)].map(([, date, time, port]) => ({
    atMs: Date.parse(`${date}T${time}`),
    port: Number(port),
  }));
}
