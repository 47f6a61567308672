import { type AmqpSession, replyCode } from "@celeriac/amqp-connection";
import { BrokerError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

export interface LockOptions {
  readonly name: string;
  readonly timeoutMs: number;
  /** Nobody wants it any more. */
  readonly signal: AbortSignal;
}

/**
 * Lets one process at a time do something: an exclusive queue is the lock, and ends with the connection of whoever holds
 * it. Callers on the same connection must take turns themselves, as it belongs to all of them.
 * @throws BrokerError `BROKER_REFUSED`, retryable, when somebody else holds it until `timeoutMs` has passed; or the signal's reason.
 */
export async function withServerLock<T>(
  session: AmqpSession,
  { name, timeoutMs, signal }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const until = systemClock.monotonic() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    signal.throwIfAborted();
    if (await take(session, name)) break;
    if (systemClock.monotonic() + pauseMs > until) {
      const text = `Another process has been reading the dead letters for ${timeoutMs} ms.`;
      throw new BrokerError(text, { code: "BROKER_REFUSED", retryable: true });
    }
    await systemClock.sleep(pauseMs, signal);
  }
  try {
    return await work();
  } finally {
    await release(session, name);
  }
}

async function take(session: AmqpSession, name: string): Promise<boolean> {
  const channel = await session.openChannel();
  try {
    await channel.assertQueue(name, { exclusive: true, durable: false, autoDelete: true });
  } catch (error) {
    if (replyCode(error) === 405) return false;
    throw error;
  }
  await channel.close();
  return true;
}

/** A connection that is gone has released it. */
async function release(session: AmqpSession, name: string): Promise<void> {
  try {
    const channel = await session.openChannel();
    await channel.deleteQueue(name);
    await channel.close();
  } catch {
    // see above
  }
}
