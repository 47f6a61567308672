import type { Broker } from "./broker.js";
import type { ResultBackend } from "./result-backend.js";

/** What the app tells an adapter that it builds from a URL: Celery's `broker_transport_options` and the like, verbatim. */
export interface AdapterContext {
  /** `broker_transport_options` or `result_backend_transport_options`, keys in snake_case or camelCase. */
  readonly transportOptions: Readonly<Record<string, unknown>>;
  /** Further addresses of the same broker, to fail over to. Brokers only. */
  readonly alternates?: readonly string[];
  /** Celery's settings of the connection; what `transportOptions` say wins. Brokers only. */
  readonly connection?: ConnectionSettings;
  /** Seconds a result is kept; `null` or 0 keeps it for ever. Backends only. */
  readonly resultExpires?: number | null;
  /** Name of the serializer of stored results. Backends only. */
  readonly resultSerializer?: string;
  /** `result_persistent`: whether results that are messages outlive a restart of their server. Backends only. */
  readonly resultPersistent?: boolean | null;
  /** The queue that the app names in `reply_to`. Backends only. */
  readonly replyTo?: string;
  /** The app's broker, for results that travel through it (`rpc://`); absent when no URL names it. Backends only. */
  readonly broker?: BrokerPlace;
}

/** Where a broker is, as the app's settings say. */
export interface BrokerPlace {
  /** Several to fail over between. */
  readonly urls: readonly [string, ...string[]];
  readonly transportOptions: Readonly<Record<string, unknown>>;
  readonly connection: ConnectionSettings;
}

/** Settings that a transport may have a use for. Durations in seconds; null is "none". */
export interface ConnectionSettings {
  readonly failoverStrategy: "round-robin" | "shuffle";
  readonly heartbeat: number | null;
  readonly timeout: number | null;
  readonly loginMethod: string | null;
  /** `broker_use_ssl`: whether, or how, in the names of Python's `ssl` module. */
  readonly useSsl: boolean | Readonly<Record<string, unknown>>;
  readonly delayedDeliveryQueueType: "classic" | "quorum";
}

/** Claims URL schemes, so that a broker can be named by a URL in a configuration file. */
export interface BrokerFactory {
  readonly role: "broker";
  /** Without `://`: `["redis", "rediss", "redis+socket", "sentinel"]`. */
  readonly schemes: readonly string[];
  fromUrl(url: string, context: AdapterContext): Broker;
}

/** Like `BrokerFactory`, for result backends. */
export interface BackendFactory {
  readonly role: "backend";
  readonly schemes: readonly string[];
  fromUrl(url: string, context: AdapterContext): ResultBackend;
}
