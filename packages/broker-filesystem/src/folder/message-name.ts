/**
 * Names of message files: `<milliseconds>_<uuid>.<queue>.msg`, where the milliseconds are those of the machine's
 * monotonic clock. kombu sorts by name and takes what follows the first dot as the queue, so the part before it may say
 * more: `_r` marks a message that was delivered before.
 * @see kombu `transport/filesystem.py`.
 * @module
 */
import { randomUUID } from "node:crypto";
import { BrokerError } from "@celeriac/core/errors";

const SUFFIX = ".msg";
const REDELIVERED = "_r";
/** Bytes; leaves room in 255 for our time, uuid, claim number and the time at which a parked message is due. */
const LONGEST_QUEUE = 180;
let lastNs = 0n;

/** A name that sorts behind all names made before, on this machine and since it was started. */
export function createMessageName(queue: string, options: { readonly redelivered?: boolean } = {}): string {
  checkQueueName(queue);
  const nowNs = process.hrtime.bigint();
  lastNs = nowNs > lastNs ? nowNs : lastNs + 1n;
  const ms = lastNs / 1_000_000n;
  // kombu fills the rest with a random uuid; ours begins with the nanoseconds, so that one millisecond keeps its order.
  const ns = (lastNs % 1_000_000n).toString(16).padStart(5, "0");
  const uuid = randomUUID();
  const ordered = `${ns}${uuid.slice(5, 14)}8${uuid.slice(15)}`;
  return `${ms}_${ordered}${options.redelivered ? REDELIVERED : ""}.${queue}${SUFFIX}`;
}

/** The queue a file belongs to; `undefined` for other files. */
export function queueOf(fileName: string): string | undefined {
  if (!fileName.endsWith(SUFFIX)) return undefined;
  const dot = fileName.indexOf(".");
  const queue = fileName.slice(dot + 1, -SUFFIX.length);
  return dot < 0 || dot + 1 > fileName.length - SUFFIX.length ? undefined : queue;
}

/** Whether the name says that the message was delivered before. */
export function isRedelivered(fileName: string): boolean {
  return fileName.slice(0, fileName.indexOf(".")).endsWith(REDELIVERED);
}

/** The same place in the queue, marked as delivered before. */
export function redeliveredName(fileName: string): string {
  if (isRedelivered(fileName)) return fileName;
  const dot = fileName.indexOf(".");
  return `${fileName.slice(0, dot)}${REDELIVERED}${fileName.slice(dot)}`;
}

/**
 * Orders names as the messages were sent. A time that is still to come was written before the machine was last started,
 * so it goes first.
 */
export function messageNameOrder(
  nowMs: number = Number(process.hrtime.bigint() / 1_000_000n),
): (a: string, b: string) => number {
  const rank = (name: string): number => {
    const ms = Number.parseInt(name, 10);
    return ms > nowMs + 60_000 ? ms - Number.MAX_SAFE_INTEGER : ms;
  };
  return (a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** @throws BrokerError `BROKER_REFUSED` for a name that cannot be part of a file name. */
export function checkQueueName(queue: string): void {
  if (queue !== "" && !/[/\0]/.test(queue) && Buffer.byteLength(queue) <= LONGEST_QUEUE) return;
  const reason = `it becomes part of a file name: 1 to ${LONGEST_QUEUE} bytes, no slash, no zero byte`;
  throw new BrokerError(`Queue name ${JSON.stringify(queue)} cannot be used on filesystem://; ${reason}.`, {
    code: "BROKER_REFUSED",
  });
}
