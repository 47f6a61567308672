export type {
  AdapterContext,
  BackendFactory,
  BrokerFactory,
  BrokerPlace,
  ConnectionSettings,
} from "./adapter-factory.js";
export type { Broker, BrokerDescription, Consumer, Subscription } from "./broker.js";
export type { CallOptions } from "./call-options.js";
export type { ChordEntry, ChordPart, ChordStanding, ChordStore } from "./chord-store.js";
export type { Clock } from "./clock.js";
export type { DeadLetterRecord, DeadLetterStore } from "./dead-letter-store.js";
export type { Delivery, MalformedDelivery, ReadableDelivery } from "./delivery.js";
export type { Fanout } from "./fanout.js";
export type { LogFields, Logger } from "./logger.js";
export type { OncePublisher } from "./once-publisher.js";
export type { Parking } from "./parking.js";
export type { Exchange, ExchangeType, Queue, Route } from "./queue.js";
export type { QueueAdmin } from "./queue-admin.js";
export type { ReplyQueue } from "./reply-queue.js";
export type { GroupStore, ResultBackend, ResultTuple, ResultWatcher, WatchOptions } from "./result-backend.js";
