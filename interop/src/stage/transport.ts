import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PeerSettings } from "../peer/child-process.js";
import type { RabbitStage } from "./rabbit-stage.js";
import { openRabbitStage } from "./rabbit-stage.js";
import type { RedisStage } from "./redis-stage.js";
import { openRedisStage } from "./redis-stage.js";

/**
 * Broker and results of a fleet: both on Redis; RabbitMQ with classic or with quorum queues, and Redis; files and Redis;
 * files and files.
 */
export type TransportKind = "redis" | "amqp" | "amqp-quorum" | "filesystem+redis" | "filesystem+file";

/** Both that a RabbitMQ takes part in. */
export const RABBIT_KINDS: readonly TransportKind[] = ["amqp", "amqp-quorum"];

/** The servers and folders of a fleet, and what both sides are told about them: the same Celery settings. */
export interface Transport extends AsyncDisposable {
  readonly settings: PeerSettings & { readonly broker_url: string; readonly result_backend: string };
  /** Present when Redis takes part. */
  readonly redis: RedisStage | undefined;
}

type BrokerSettings = { readonly broker_url: string } & PeerSettings;

/** @param folder - An empty folder of the caller's, for messages and results in files. */
export async function openTransport(kind: TransportKind, folder: string): Promise<Transport> {
  const redis = kind === "filesystem+file" ? undefined : await openRedisStage();
  const close = async (): Promise<void> => redis?.[Symbol.asyncDispose]();
  try {
    const rabbit = RABBIT_KINDS.includes(kind) ? await openRabbitStage() : undefined;
    const broker = await brokerSettings(kind, folder, redis, rabbit);
    const results = redis === undefined ? await folderResultSettings(folder) : redisResultSettings(redis);
    return {
      redis,
      settings: { ...broker, ...results },
      async [Symbol.asyncDispose]() {
        await rabbit?.[Symbol.asyncDispose]();
        await close();
      },
    };
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
  if (rabbit !== undefined) return { broker_url: rabbit.url, ...(kind === "amqp-quorum" ? QUORUM_QUEUES : {}) };
  return kind === "redis" ? redisBrokerSettings(redis) : folderBrokerSettings(folder);
}

/** Celery delays messages at the broker for queues whose exchange can be bound by patterns. */
const QUORUM_QUEUES: PeerSettings = {
  task_default_queue_type: "quorum",
  task_default_exchange_type: "topic",
  task_create_missing_queue_type: "quorum",
  task_create_missing_queue_exchange_type: "topic",
};

function redisBrokerSettings(redis: RedisStage | undefined): BrokerSettings {
  const { url = "", keyPrefix = "" } = redis ?? {};
  return {
    broker_url: url,
    ...(keyPrefix === "" ? {} : { broker_transport_options: { global_keyprefix: keyPrefix } }),
  };
}

function redisResultSettings({ url, keyPrefix }: RedisStage): { readonly result_backend: string } & PeerSettings {
  return {
    result_backend: url,
    ...(keyPrefix === "" ? {} : { result_backend_transport_options: { global_keyprefix: keyPrefix } }),
  };
}

/** kombu moves a message it takes to `processed_folder`, so that must exist and be on the same file system. */
async function folderBrokerSettings(folder: string): Promise<BrokerSettings> {
  const [queues, control, processed] = ["queues", "control", "processed"].map((name) => join(folder, name));
  for (const path of [queues, control, processed]) await mkdir(path ?? folder, { recursive: true });
  return {
    broker_url: "filesystem://",
    broker_transport_options: {
      data_folder_in: queues,
      data_folder_out: queues,
      control_folder: control,
      processed_folder: processed,
      store_processed: true,
    },
  };
}

async function folderResultSettings(folder: string): Promise<{ readonly result_backend: string }> {
  const results = join(folder, "results");
  await mkdir(results, { recursive: true });
  return { result_backend: `file://${results}` };
}
