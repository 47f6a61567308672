export type { AmqpAddress } from "./connection/amqp-address.js";
export { AMQP_SCHEMES, parseAddresses, showAddress } from "./connection/amqp-address.js";
export type { ConnectOptions } from "./connection/amqp-link.js";
export { AmqpLink, closedError } from "./connection/amqp-link.js";
export { AmqpSession } from "./connection/amqp-session.js";
export { channelFailure, replyCode, together } from "./connection/channel-failure.js";
export { resolveServers } from "./connection/resolve-servers.js";
export type { AmqpTls } from "./connection/tls-options.js";
export { checkConnectionOptions } from "./options/check-connection-options.js";
export type {
  AmqpConnectionOptions,
  AmqpConnectionSettings,
  FailoverStrategy,
  LoginMethod,
} from "./options/connection-options.js";
export { CONNECTION_OPTIONS, connectionDefaults } from "./options/connection-options.js";
export { fromConnectionSettings } from "./options/connection-settings.js";
export type { Destination } from "./publish/confirm-channel.js";
export { noExchange } from "./publish/publish-fates.js";
export type { Outgoing, PublisherOptions } from "./publish/publisher.js";
export { Publisher } from "./publish/publisher.js";
export type { Binding, Declaration, ExchangeDeclaration, QueueDeclaration } from "./topology/plan-declaration.js";
export { isQuorum, planDeclaration, planExchange } from "./topology/plan-declaration.js";
export { Topology } from "./topology/topology.js";
export { toFieldTable } from "./wire/encode-table.js";
export type { EncodedMessage } from "./wire/message-codec.js";
export { checkShort, decodeMessage, encodeMessage } from "./wire/message-codec.js";
export type { UnreadableProperties } from "./wire/own-header-frames.js";
export type { WireProperties } from "./wire/read-properties.js";
