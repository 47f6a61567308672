import { memoryBackend } from "@celeriac/backend-memory";
import { MemoryStore, memoryBroker } from "@celeriac/broker-memory";
import type { App, AppConfig, Broker, Message, ResultBackend } from "@celeriac/core";
import { createApp } from "@celeriac/core";
import { onTestFinished } from "vitest";
import { asyncPool } from "../../src/pool/async/index.js";
import type { Worker } from "../../src/worker.js";
import { createWorker } from "../../src/worker.js";
import type { WorkerOptions } from "../../src/worker-options.js";
import type { LogRecorder } from "./recorder.js";
import { recordLog } from "./recorder.js";

/** An app on memory adapters with a worker that is stopped when the test ends. */
export interface Stage {
  readonly app: App;
  readonly log: LogRecorder;
  readonly store: MemoryStore;
  readonly broker: Broker;
  readonly backend: ResultBackend;
  /** Starts a worker; `asyncPool({ concurrency: 4 })` unless told otherwise. */
  work(options?: Partial<WorkerOptions>): Promise<Worker>;
  /** Publishes a message as it is to the queue `celery`. */
  put(message: Message): Promise<void>;
}

export interface StageOptions {
  readonly config?: AppConfig;
  readonly wrapBroker?: (broker: Broker) => Broker;
  readonly wrapBackend?: (backend: ResultBackend) => ResultBackend;
}

/** A stage for one test. */
export function createStage(options: StageOptions = {}): Stage {
  const stage = openStage(options);
  onTestFinished(() => stage.close());
  return stage;
}

/** A stage for several tests; whoever opens it closes it. */
export function openStage(options: StageOptions = {}): Stage & { close(): Promise<void> } {
  const log = recordLog();
  const store = new MemoryStore();
  const clock = options.config?.clock;
  const plain = memoryBroker({ store, ...(clock === undefined ? {} : { clock }) });
  const broker = options.wrapBroker?.(plain) ?? plain;
  const memory = memoryBackend(clock === undefined ? {} : { clock });
  const backend = options.wrapBackend?.(memory) ?? memory;
  const app = createApp("test", { broker, backend, logger: log.logger, ...options.config });
  const workers: Worker[] = [];
  return {
    app,
    log,
    store,
    broker,
    backend,
    async work(workerOptions = {}) {
      const worker = createWorker(app, { pool: asyncPool({ concurrency: 4 }), remoteControl: false, ...workerOptions });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    put: (message) => plain.publish(message, { exchange: "", routingKey: "celery" }),
    async close() {
      await Promise.all(workers.map((worker) => worker.kill()));
      await app.close();
    },
  };
}
