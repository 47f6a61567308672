import type { RedisConnection } from "@celeriac/redis-connection";
import { type LeaseBoard, sharedNowMs } from "./lease-board.js";
import { RENEW_SCRIPT } from "./renew-script.js";

const TAGS_PER_CALL = 1000;

export interface RenewalOptions {
  readonly indexKey: string;
  readonly prefix: string;
  /** Hears of the renewal. */
  readonly board: LeaseBoard;
  readonly timeoutMs: number;
}

/** Renews the leases of these tag numbers, which are all that are held. @throws BrokerError when the server cannot be asked within `timeoutMs`. */
export async function renewLeases(
  connection: RedisConnection,
  options: RenewalOptions,
  numbers: Iterable<number>,
): Promise<void> {
  const { board } = options;
  const upTo = board.highest;
  const sentMs = sharedNowMs();
  const tags = Array.from(numbers, (number) => options.prefix + number);
  if (tags.length > 0) await connection.whenReady(options.timeoutMs, "renewing leases");
  for (let first = 0; first < tags.length; first += TAGS_PER_CALL) {
    await connection.run(RENEW_SCRIPT, [options.indexKey], tags.slice(first, first + TAGS_PER_CALL));
  }
  board.renewed(upTo, sentMs, sharedNowMs());
}
