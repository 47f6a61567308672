import { ConfigError } from "@celeriac/core/errors";
import type { AdapterContext, Broker, BrokerFactory } from "@celeriac/core/ports";
import { AmqpBroker } from "./amqp-broker.js";
import { AMQP_SCHEMES, parseAddresses } from "./connection/amqp-address.js";
import type { AmqpBrokerOptions } from "./options/broker-settings.js";
import { fromConnectionSettings } from "./options/connection-settings.js";
import { parseBrokerOptions, readBrokerOptions } from "./options/broker-settings.js";

/** `amqpBroker(...)`, which is also the factory that claims the `amqp://` schemes. */
export interface AmqpBrokerFunction extends BrokerFactory {
  /**
   * A broker on RabbitMQ. No I/O before the first call.
   * @param source - URL, several of them separated by `;`, or a list. Default `amqp://guest:guest@localhost:5672//`.
   * @throws ConfigError for a bad URL or bad options, all problems at once.
   */
  (source?: string | readonly string[], options?: AmqpBrokerOptions): Broker;
}

function create(source: string | readonly string[] = "amqp://", options: AmqpBrokerOptions = {}): Broker {
  const settings = parseBrokerOptions(options);
  const [first, ...others] = parseAddresses(source);
  if (first === undefined) throw new ConfigError([{ key: "broker", message: "names no server." }]);
  if (settings.tls?.verify === false) {
    settings.onWarning(
      "RabbitMQ's certificate is not checked (tls.verify is false): anybody in between can read and write.",
    );
  }
  return new AmqpBroker([first, ...others], settings);
}

function fromUrl(url: string, context: AdapterContext): Broker {
  const { alternates = [], connection, transportOptions } = context;
  const defaults = connection === undefined ? {} : fromConnectionSettings(connection);
  return create([url, ...alternates], { ...defaults, ...readBrokerOptions(transportOptions) });
}

/** @see AmqpBrokerFunction */
export const amqpBroker: AmqpBrokerFunction = /* @__PURE__ */ Object.assign(create, {
  role: "broker" as const,
  schemes: AMQP_SCHEMES,
  fromUrl,
});
