import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PeerSettings } from "../peer/child-process.js";
import { openMongoStage } from "./mongo-stage.js";
import { openPostgresStage } from "./postgres-stage.js";
import type { RedisStage } from "./redis-stage.js";
import type { StoreKind } from "./transport-kinds.js";

/** What both sides are told about results. */
export type StoreSettings = { readonly result_backend: string } & PeerSettings;

/** A place for results of one suite; disposing removes what was made for it. */
export interface ResultStore extends AsyncDisposable {
  readonly settings: StoreSettings;
}

/**
 * @param folder - An empty folder of the caller's, for results in files.
 * @param redis - Needed for the kind `redis` only.
 */
export async function openResultStore(
  kind: StoreKind,
  folder: string,
  redis: RedisStage | undefined,
): Promise<ResultStore> {
  switch (kind) {
    case "redis":
      if (redis === undefined) throw new Error("Results in Redis need a Redis.");
      return settled(redisSettings(redis));
    case "rpc":
      return settled({ result_backend: "rpc://" });
    case "file":
      return settled(await folderSettings(folder));
    case "sqlite":
      return settled({ result_backend: `db+sqlite:///${join(folder, "results.db")}`, ...POLLED });
    case "postgres": {
      const { url, [Symbol.asyncDispose]: close } = await openPostgresStage();
      return { settings: { result_backend: `db+${url}`, ...POLLED }, [Symbol.asyncDispose]: close };
    }
    case "mongo": {
      const { url, [Symbol.asyncDispose]: close } = await openMongoStage();
      return { settings: { result_backend: url, ...POLLED }, [Symbol.asyncDispose]: close };
    }
  }
}

/**
 * Python announces nothing in these stores and looks for the parts of a chord once a second: both sides are told to look
 * often, or the suites would mostly wait. Python ignores the options that are ours.
 */
const POLLED: PeerSettings = {
  result_chord_retry_interval: 0.1,
  result_backend_transport_options: { poll_min_ms: 20, poll_max_ms: 100 },
};

function settled(settings: StoreSettings): ResultStore {
  return { settings, async [Symbol.asyncDispose]() {} };
}

function redisSettings({ url, keyPrefix }: RedisStage): StoreSettings {
  return {
    result_backend: url,
    ...(keyPrefix === "" ? {} : { result_backend_transport_options: { global_keyprefix: keyPrefix } }),
  };
}

async function folderSettings(folder: string): Promise<StoreSettings> {
  const results = join(folder, "results");
  await mkdir(results, { recursive: true });
  return { result_backend: `file://${results}` };
}
