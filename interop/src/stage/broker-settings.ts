import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PeerSettings } from "../peer/child-process.js";
import type { RabbitStage } from "./rabbit-stage.js";
import type { RedisStage } from "./redis-stage.js";

/** What both sides are told about the broker. */
export type BrokerSettings = { readonly broker_url: string } & PeerSettings;

/** Celery delays messages at the broker for queues whose exchange can be bound by patterns. */
export const QUORUM_QUEUES: PeerSettings = {
  task_default_queue_type: "quorum",
  task_default_exchange_type: "topic",
  task_create_missing_queue_type: "quorum",
  task_create_missing_queue_exchange_type: "topic",
};

export function rabbitSettings({ url }: RabbitStage, isQuorum: boolean): BrokerSettings {
  return { broker_url: url, ...(isQuorum ? QUORUM_QUEUES : {}) };
}

export function redisBrokerSettings({ url, keyPrefix }: RedisStage): BrokerSettings {
  return {
    broker_url: url,
    ...(keyPrefix === "" ? {} : { broker_transport_options: { global_keyprefix: keyPrefix } }),
  };
}

/** kombu moves a message it takes to `processed_folder`, so that must exist and be on the same file system. */
export async function folderBrokerSettings(folder: string): Promise<BrokerSettings> {
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
