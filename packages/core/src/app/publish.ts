import { BrokerError, isRetryable } from "../errors/index.js";
import type { Broker, Clock, ReplyQueue, Route } from "../ports/index.js";
import type { Message } from "../protocol/message.js";

/** `task_publish_retry_policy`, in milliseconds. */
export interface PublishPolicy {
  readonly deadlineMs: number;
  readonly maxRetries: number;
  readonly startMs: number;
  readonly stepMs: number;
  readonly maxMs: number;
}

/** As much of a broker as one send needs. */
export type Publisher = Pick<Broker, "publish">;

/** A publisher of one message that may have been sent before: by its key, where the broker can tell. */
export function oncePublisher(broker: Broker, key: string): Publisher {
  const { once } = broker;
  if (once === undefined) return broker;
  return {
    publish: async (message, route, options) => {
      await once.publish(message, route, key, options);
    },
  };
}

/** A publisher that first has the place opened to which the result will be sent: a worker may be faster than we are. */
export function repliesFirst(publisher: Publisher, replies: ReplyQueue, clock: Clock): Publisher {
  return {
    publish: (message, route, options) => {
      const startedAtMs = clock.monotonic();
      const opening = replies.open(options);
      if (opening === undefined) return publisher.publish(message, route, options);
      return opening.then(() => {
        const timeoutMs = options?.timeoutMs;
        const left = timeoutMs === undefined ? {} : { timeoutMs: timeoutMs - (clock.monotonic() - startedAtMs) };
        return publisher.publish(message, route, { ...options, ...left });
      });
    },
  };
}

/** What is left of the deadline has to be worth a try. */
const SHORTEST_ATTEMPT_MS = 10;

/**
 * Publishes, and again when the broker says a later try may work, all within one deadline: a caller is never left
 * hanging. @throws BrokerError of the last attempt.
 */
export function publish(
  publisher: Publisher,
  message: Message,
  route: Route,
  policy: PublishPolicy,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const untilMs = clock.monotonic() + policy.deadlineMs; // the first attempt counts too
  const first = publisher.publish(message, route, callOptions(policy.deadlineMs, signal));
  return policy.maxRetries === 0
    ? first
    : first.catch((error: unknown) => again(error, untilMs, publisher, message, route, policy, clock, signal));
}

async function again(
  error: unknown,
  untilMs: number,
  publisher: Publisher,
  message: Message,
  route: Route,
  policy: PublishPolicy,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  let last = error;
  for (let attempt = 0; attempt < policy.maxRetries; attempt += 1) {
    if (!isRetryable(last) || isUncertain(last)) break;
    await clock.sleep(Math.min(policy.maxMs, policy.startMs + policy.stepMs * attempt), signal);
    const leftMs = untilMs - clock.monotonic();
    if (leftMs < SHORTEST_ATTEMPT_MS) break; // and the error that says why is kept
    try {
      await publisher.publish(message, route, callOptions(leftMs, signal));
      return;
    } catch (failure) {
      last = failure;
    }
  }
  throw last;
}

function callOptions(timeoutMs: number, signal: AbortSignal | undefined): { timeoutMs: number; signal?: AbortSignal } {
  return signal === undefined ? { timeoutMs } : { timeoutMs, signal };
}

/** The message may be stored already: sending it again could double it, and is the caller's decision (F5). */
function isUncertain(error: unknown): boolean {
  return error instanceof BrokerError && (error.code === "PUBLISH_TIMEOUT" || error.code === "PUBLISH_UNCONFIRMED");
}
