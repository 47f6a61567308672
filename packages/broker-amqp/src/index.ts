export type { AmqpTls } from "./connection/tls-options.js";
export type { AmqpBrokerFunction } from "./create-amqp-broker.js";
export { amqpBroker } from "./create-amqp-broker.js";
export type { AmqpBrokerOptions, FailoverStrategy, LoginMethod } from "./options/broker-settings.js";
