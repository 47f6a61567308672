export type { AmqpConnectionOptions, AmqpTls, FailoverStrategy, LoginMethod } from "@celeriac/amqp-connection";
export type { AmqpBrokerFunction } from "./create-amqp-broker.js";
export { amqpBroker } from "./create-amqp-broker.js";
export type { AmqpBrokerOptions } from "./options/broker-settings.js";
