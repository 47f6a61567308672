import { ConfigError } from "@celeriac/core/errors";
import type { AmqpConnectionSettings } from "../options/connection-options.js";
import { type AmqpAddress, parseAddresses } from "./amqp-address.js";

/**
 * The servers that a source names, by TLS when the settings say so; warns when their certificates are not to be checked.
 * @param source - URL, several of them separated by `;`, or a list.
 * @throws ConfigError for a bad URL.
 */
export function resolveServers(
  source: string | readonly string[],
  { tls, onWarning }: AmqpConnectionSettings,
): readonly [AmqpAddress, ...AmqpAddress[]] {
  const [first, ...others] = parseAddresses(source, { encrypt: tls !== undefined });
  if (first === undefined) throw new ConfigError([{ key: "broker", message: "names no server." }]);
  if (tls?.verify === false) {
    onWarning("RabbitMQ's certificate is not checked (tls.verify is false): anybody in between can read and write.");
  }
  return [first, ...others];
}
