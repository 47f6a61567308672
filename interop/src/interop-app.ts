import { filesystemBackend } from "@celeriac/backend-filesystem";
import { mongoBackend } from "@celeriac/backend-mongo";
import { redisBackend } from "@celeriac/backend-redis";
import { rpcBackend } from "@celeriac/backend-rpc";
import { sqlBackend } from "@celeriac/backend-sql";
import { amqpBroker } from "@celeriac/broker-amqp";
import { filesystemBroker } from "@celeriac/broker-filesystem";
import { redisBroker } from "@celeriac/broker-redis";
import type { App, BackendFactory, BrokerFactory, Logger } from "@celeriac/core";
import { createApp, normalizeSettings } from "@celeriac/core";
import type { PeerSettings } from "./peer/child-process.js";
import { registerCanvasTasks } from "./tasks/canvas-tasks.js";
import { registerEndings } from "./tasks/ending-tasks.js";
import { registerLedgerTasks } from "./tasks/ledger-tasks.js";
import { registerValueTasks } from "./tasks/value-tasks.js";

/** Every adapter that a URL of these suites may name. */
export const ADAPTERS: readonly (BrokerFactory | BackendFactory)[] = [
  redisBroker,
  redisBackend,
  amqpBroker,
  filesystemBroker,
  filesystemBackend,
  rpcBackend,
  sqlBackend,
  mongoBackend,
];

/** Our half of a fleet: configured like the Python half, with Celery's settings; the tasks have the same names. */
export function createInteropApp(settings: PeerSettings, logger?: Logger): App {
  const app = createApp("interop", {
    ...normalizeSettings(settings).input,
    adapters: ADAPTERS,
    ...(logger === undefined ? {} : { logger }),
  });
  registerValueTasks(app);
  registerEndings(app);
  registerLedgerTasks(app);
  registerCanvasTasks(app);
  return app;
}
