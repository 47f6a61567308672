/** Where messages go. Quorum queues are RabbitMQ's too. */
export type BrokerKind = "redis" | "amqp" | "amqp-quorum" | "filesystem";

/** Where results are kept; `rpc` keeps none, they go to whoever asked. */
export type StoreKind = "redis" | "rpc" | "postgres" | "sqlite" | "mongo" | "file";

interface TransportParts {
  readonly broker: BrokerKind;
  readonly store: StoreKind;
}

/** Broker and results of a fleet. A name without a plus stands for the broker, with results in Redis. */
export type TransportKind =
  | "redis"
  | "amqp"
  | "amqp-quorum"
  | "filesystem+redis"
  | "filesystem+file"
  | "amqp+rpc"
  | "amqp-quorum+rpc"
  | "redis+postgres"
  | "redis+sqlite"
  | "redis+mongo";

const PARTS: Readonly<Record<TransportKind, TransportParts>> = {
  redis: { broker: "redis", store: "redis" },
  amqp: { broker: "amqp", store: "redis" },
  "amqp-quorum": { broker: "amqp-quorum", store: "redis" },
  "filesystem+redis": { broker: "filesystem", store: "redis" },
  "filesystem+file": { broker: "filesystem", store: "file" },
  "amqp+rpc": { broker: "amqp", store: "rpc" },
  "amqp-quorum+rpc": { broker: "amqp-quorum", store: "rpc" },
  "redis+postgres": { broker: "redis", store: "postgres" },
  "redis+sqlite": { broker: "redis", store: "sqlite" },
  "redis+mongo": { broker: "redis", store: "mongo" },
};

export function partsOf(kind: TransportKind): TransportParts {
  return PARTS[kind];
}

export function usesRabbit(kind: TransportKind): boolean {
  const { broker } = PARTS[kind];
  return broker === "amqp" || broker === "amqp-quorum";
}

export function usesRedis(kind: TransportKind): boolean {
  const { broker, store } = PARTS[kind];
  return broker === "redis" || store === "redis";
}
