/** Two apps in one process that know each other through a broker only, as two services would. */
import { memoryBackend, ResultStore } from "@celeriac/backend-memory";
import { MemoryStore, memoryBroker } from "@celeriac/broker-memory";
import type { App } from "@celeriac/core";
import { createApp } from "@celeriac/core";
import { produce } from "./producer.js";
import { startWorker } from "./worker.js";

const messages = new MemoryStore();
const results = new ResultStore();

function service(name: string): App {
  return createApp(name, { broker: memoryBroker({ store: messages }), backend: memoryBackend({ store: results }) });
}

await using workerApp = service("ml");
await using producerApp = service("shop");
await using worker = startWorker(workerApp);
await worker.start();
await produce(producerApp, console.log);
