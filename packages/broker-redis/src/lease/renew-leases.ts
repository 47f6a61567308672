import type { RedisConnection } from "@celeriac/redis-connection";
import { RENEW_SCRIPT } from "./renew-script.js";

const TAGS_PER_CALL = 1000;

/** Renews the leases of these tag numbers. @throws BrokerError when the server cannot be asked within `timeoutMs`. */
export async function renewLeases(
  connection: RedisConnection,
  options: { readonly indexKey: string; readonly prefix: string; readonly timeoutMs: number },
  numbers: Iterable<number>,
): Promise<void> {
  const tags = Array.from(numbers, (number) => options.prefix + number);
  if (tags.length === 0) return;
  await connection.whenReady(options.timeoutMs, "renewing leases");
  for (let first = 0; first < tags.length; first += TAGS_PER_CALL) {
    await connection.run(RENEW_SCRIPT, [options.indexKey], tags.slice(first, first + TAGS_PER_CALL));
  }
}
