/** A worker in this process, with one slot, whose starts are counted. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App, Broker, LogEntry } from "@celeriac/core";
import { createApp, createDeferred, createLogger, type Deferred } from "@celeriac/core";
import { createWorker, type Worker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { onTestFinished } from "vitest";

export interface WorkerScene {
  readonly app: App;
  readonly worker: Worker;
  /** The numbers whose body was started, in order. */
  readonly started: number[];
  readonly log: LogEntry[];
  /** Ends only when told to. */
  readonly long: Deferred<void>;
  /** Tasks that end at once, except number 0 when it is `long`. */
  send(...numbers: readonly number[]): Promise<void>;
}

export interface WorkerSceneOptions {
  readonly broker: Broker;
  readonly queue: string;
  readonly acksLate?: boolean;
  /** The body of number 0 waits for `long`. */
  readonly holdsFirst?: boolean;
}

/** A scene that ends with the test. */
export function workerScene({ broker, queue, acksLate = false, holdsFirst = false }: WorkerSceneOptions): WorkerScene {
  const log: LogEntry[] = [];
  const started: number[] = [];
  const long = createDeferred<void>();
  const logger = createLogger({ level: "info", sink: (entry) => log.push(entry) });
  const app = createApp("scene", { broker, taskDefaultQueue: queue, taskAcksLate: acksLate, logger });
  const task = app.task("scene.work", { ignoreResult: true }, async (n: number) => {
    started.push(n);
    if (n === 0 && holdsFirst) await long.promise;
  });
  const worker = createWorker(app, { pool: asyncPool({ concurrency: 1 }), remoteControl: false });
  onTestFinished(async () => {
    long.resolve();
    await worker.kill();
    await app.close();
  });
  return {
    app,
    worker,
    started,
    log,
    long,
    send: async (...numbers) => {
      for (const number of numbers) await task.delay(number);
    },
  };
}

let queues = 0;

/** A queue that no other test of this process has. */
export function ownQueue(): string {
  queues += 1;
  return `scene${queues}`;
}

/** A folder for a server, and how to remove it. */
export function serverFolder(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "celeriac-scene-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
