import { AMQP_SCHEMES, fromConnectionSettings, resolveServers } from "@celeriac/amqp-connection";
import type { AdapterContext, Broker, BrokerFactory } from "@celeriac/core/ports";
import { AmqpBroker } from "./amqp-broker.js";
import type { AmqpBrokerOptions } from "./options/broker-settings.js";
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
  return new AmqpBroker(resolveServers(source, settings), settings);
}

function fromUrl(url: string, context: AdapterContext): Broker {
  const { alternates = [], connection, transportOptions } = context;
  const defaults: AmqpBrokerOptions =
    connection === undefined
      ? {}
      : {
          ...fromConnectionSettings(connection),
          delayedDeliveryQueueType: connection.delayedDeliveryQueueType,
        };
  return create([url, ...alternates], { ...defaults, ...readBrokerOptions(transportOptions) });
}

/** @see AmqpBrokerFunction */
export const amqpBroker: AmqpBrokerFunction = /* @__PURE__ */ Object.assign(create, {
  role: "broker" as const,
  schemes: AMQP_SCHEMES,
  fromUrl,
});
