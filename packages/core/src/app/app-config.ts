import type { BackendFactory, Broker, BrokerFactory, Clock, Logger, ResultBackend } from "../ports/index.js";
import type { Compression, Serializer } from "../protocol/index.js";
import type { SettingsInput } from "../settings/index.js";

/**
 * Everything an app is made of: Celery's settings in camelCase (their lower-case and old upper-case names are accepted
 * from files and the environment), and the parts that are values rather than settings.
 */
export interface AppConfig extends SettingsInput {
  /** An adapter, `redisBroker(url)`; or a URL, when one of `adapters` claims its scheme. Same as `brokerUrl`. */
  readonly broker?: Broker | string;
  /** An adapter, `redisBackend(url)`; or a URL. Same as `resultBackend`. */
  readonly backend?: ResultBackend | string;
  /** Adapters that URLs may name: `[redisBroker, redisBackend]`. Nothing is loaded by magic. */
  readonly adapters?: readonly (BrokerFactory | BackendFactory)[];
  /** Beside JSON. */
  readonly serializers?: readonly Serializer[];
  /** Beside zlib and brotli. */
  readonly compressions?: readonly Compression[];
  /** Default: JSON lines on standard error from `warn` up. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}
