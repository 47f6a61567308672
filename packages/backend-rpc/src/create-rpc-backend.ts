import { AMQP_SCHEMES, resolveServers } from "@celeriac/amqp-connection";
import { ConfigError } from "@celeriac/core/errors";
import type { AdapterContext, BackendFactory, BrokerPlace, ResultBackend } from "@celeriac/core/ports";
import type { RpcBackendOptions } from "./backend-settings.js";
import { parseBackendOptions, readBackendOptions } from "./backend-settings.js";
import { RpcBackend } from "./rpc-backend.js";

/** `rpcBackend(...)`, which is also the factory that claims `rpc://`. */
export interface RpcBackendFunction extends BackendFactory {
  /**
   * Results as messages over RabbitMQ. No I/O before the first call.
   * @param source - URL of the broker, several of them separated by `;`, or a list. Default
   *   `amqp://guest:guest@localhost:5672//`.
   * @throws ConfigError for a bad URL or bad options, all problems at once.
   */
  (source?: string | readonly string[], options?: RpcBackendOptions): ResultBackend;
}

function create(source: string | readonly string[] = "amqp://", options: RpcBackendOptions = {}): ResultBackend {
  return open(source, options);
}

function open(source: string | readonly string[], options: RpcBackendOptions, replyTo?: string): ResultBackend {
  const settings = parseBackendOptions(options, replyTo);
  return new RpcBackend(resolveServers(source, settings.connection), settings);
}

/** As in Celery, what follows `rpc://` has no meaning: results travel through the app's broker. */
function fromUrl(_url: string, context: AdapterContext): ResultBackend {
  const broker = brokerOf(context);
  return open(broker.urls, readBackendOptions(context, broker), context.replyTo);
}

/** @throws ConfigError when it is not known, or no RabbitMQ. */
function brokerOf({ broker }: AdapterContext): BrokerPlace {
  if (broker === undefined) {
    throw unusable(
      "sends results through the broker, and no URL names one. Name it by brokerUrl, or pass `backend: rpcBackend(url)`.",
    );
  }
  const scheme = broker.urls[0].split(":", 1)[0] ?? "";
  if (!broker.urls[0].includes("://") || AMQP_SCHEMES.includes(scheme.toLowerCase())) return broker;
  throw unusable(
    `sends results through RabbitMQ, and the broker is ${scheme}://. Take a store that goes with it, such as redis://.`,
  );
}

function unusable(what: string): ConfigError {
  return new ConfigError([{ key: "resultBackend", message: `rpc:// ${what}` }]);
}

/** @see RpcBackendFunction */
export const rpcBackend: RpcBackendFunction = /* @__PURE__ */ Object.assign(create, {
  role: "backend" as const,
  schemes: ["rpc"],
  fromUrl,
});
