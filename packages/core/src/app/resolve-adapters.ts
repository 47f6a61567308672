import { ConfigError } from "../errors/index.js";
import type {
  AdapterContext,
  BackendFactory,
  Broker,
  BrokerFactory,
  ConnectionSettings,
  ResultBackend,
} from "../ports/index.js";
import type { Settings } from "../settings/index.js";

/** Packages that claim well-known schemes, to name the one to install. */
const KNOWN_PACKAGES: Readonly<Record<string, { readonly broker?: string; readonly backend?: string }>> = {
  memory: { broker: "@celeriac/broker-memory", backend: "@celeriac/backend-memory" },
  filesystem: { broker: "@celeriac/broker-filesystem" },
  file: { backend: "@celeriac/backend-filesystem" },
  redis: { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
  rediss: { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
  "redis+socket": { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
  amqp: { broker: "@celeriac/broker-amqp" },
  amqps: { broker: "@celeriac/broker-amqp" },
  pyamqp: { broker: "@celeriac/broker-amqp" },
  rpc: { backend: "@celeriac/backend-rpc" },
  mongodb: { backend: "@celeriac/backend-mongo" },
  "mongodb+srv": { backend: "@celeriac/backend-mongo" },
  sentinel: { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
};

type Factory = BrokerFactory | BackendFactory;

/**
 * Builds the broker that a URL names, or several of the same transport, which it may fail over between.
 * @throws ConfigError naming the package to install or to list in `adapters`.
 */
export function brokerFromUrl(
  [url, ...alternates]: readonly [string, ...string[]],
  factories: readonly Factory[],
  settings: Settings,
): Broker {
  const factory = factories.find(
    (item): item is BrokerFactory => item.role === "broker" && item.schemes.includes(schemeOf(url)),
  );
  if (factory === undefined) throw unclaimed("broker", url);
  return factory.fromUrl(url, {
    transportOptions: settings.brokerTransportOptions,
    ...(alternates.length === 0 ? {} : { alternates }),
    connection: connectionSettings(settings),
  });
}

function connectionSettings(settings: Settings): ConnectionSettings {
  return {
    failoverStrategy: settings.brokerFailoverStrategy,
    heartbeat: settings.brokerHeartbeat,
    timeout: settings.brokerConnectionTimeout,
    loginMethod: settings.brokerLoginMethod,
    useSsl: settings.brokerUseSsl,
    delayedDeliveryQueueType: settings.brokerNativeDelayedDeliveryQueueType,
  };
}

/** Builds the result backend that a URL names. @throws ConfigError like `brokerFromUrl`. */
export function backendFromUrl(url: string, factories: readonly Factory[], settings: Settings): ResultBackend {
  const factory = factories.find(
    (item): item is BackendFactory => item.role === "backend" && item.schemes.includes(schemeOf(url)),
  );
  if (factory === undefined) throw unclaimed("backend", url);
  const context: AdapterContext = {
    transportOptions: settings.resultBackendTransportOptions,
    resultExpires: settings.resultExpires,
    resultSerializer: settings.resultSerializer,
  };
  return factory.fromUrl(url, context);
}

/** The part before the first `:`, in lower case. No more than that is shown of a URL nobody claims: secrets follow. */
export function schemeOf(url: string): string {
  return (url.split(":", 1)[0] ?? "").toLowerCase();
}

function unclaimed(role: "broker" | "backend", url: string): ConfigError {
  const scheme = schemeOf(url);
  const known = KNOWN_PACKAGES[scheme]?.[role];
  const fix =
    known === undefined
      ? `No ${role} of Celeriac has this scheme.`
      : `Install ${known} and list its factory in \`adapters\`, or pass the adapter itself as \`${role}\`.`;
  return new ConfigError([{ key: role, message: `nothing claims the scheme "${scheme}://". ${fix}` }]);
}
