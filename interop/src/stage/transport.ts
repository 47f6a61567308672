import type { PeerSettings } from "../peer/child-process.js";
import type { BrokerSettings } from "./broker-settings.js";
import { folderBrokerSettings, rabbitSettings, redisBrokerSettings } from "./broker-settings.js";
import type { RabbitStage } from "./rabbit-stage.js";
import { openRabbitStage } from "./rabbit-stage.js";
import type { RedisStage } from "./redis-stage.js";
import { openRedisStage } from "./redis-stage.js";
import { openResultStore } from "./result-store.js";
import type { TransportKind } from "./transport-kinds.js";
import { partsOf, usesRabbit, usesRedis } from "./transport-kinds.js";

/** The servers and folders of a fleet, and what both sides are told about them: the same Celery settings. */
export interface Transport extends AsyncDisposable {
  readonly settings: PeerSettings & { readonly broker_url: string; readonly result_backend: string };
  /** Present when Redis takes part. */
  readonly redis: RedisStage | undefined;
}

/** @param folder - An empty folder of the caller's, for messages and results in files. */
export async function openTransport(kind: TransportKind, folder: string): Promise<Transport> {
  const opened: AsyncDisposable[] = [];
  const keep = <T extends AsyncDisposable>(part: T): T => {
    opened.push(part);
    return part;
  };
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part[Symbol.asyncDispose]();
  };
  try {
    const redis = usesRedis(kind) ? keep(await openRedisStage()) : undefined;
    const rabbit = usesRabbit(kind) ? keep(await openRabbitStage()) : undefined;
    const broker = await brokerSettings(kind, folder, redis, rabbit);
    const store = keep(await openResultStore(partsOf(kind).store, folder, redis));
    return { redis, settings: { ...broker, ...store.settings }, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function brokerSettings(
  kind: TransportKind,
  folder: string,
  redis: RedisStage | undefined,
  rabbit: RabbitStage | undefined,
): Promise<BrokerSettings> {
  const { broker } = partsOf(kind);
  if (rabbit !== undefined) return rabbitSettings(rabbit, broker === "amqp-quorum");
  return broker === "redis" && redis !== undefined ? redisBrokerSettings(redis) : folderBrokerSettings(folder);
}
