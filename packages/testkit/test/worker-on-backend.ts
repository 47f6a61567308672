/**
 * What the tests of result backends do with a worker on a real store. Imported by path, like the memory adapters here: a
 * backend does not depend on the worker.
 * @module
 */
import type { App, ResultBackend } from "@celeriac/core";
import { createApp } from "@celeriac/core";
import { memoryBroker } from "../../broker-memory/src/index.js";
import { createWorker } from "../../worker/src/index.js";
import { asyncPool } from "../../worker/src/pool/async/index.js";
import { recordLog } from "../../worker/test/support/recorder.js";
import { wrapBroker } from "../../worker/test/support/wrap-broker.js";

export interface OutageReport {
  /** Whether the worker has said that it waits for the store, before the store came back. */
  readonly waited: boolean;
  /** Acks that the broker got while the store was away: none may be among them. */
  readonly acksWhileAway: number;
  readonly acks: number;
  readonly states: readonly string[];
  readonly runs: number;
}

/**
 * RELIABILITY G24, F19: the store goes away while tasks with late acks run. Resolves once their results are there.
 * @param store - `away` ends when no call gets through, `back` when calls do again.
 * @param backend - The worker's and the client's own, which is not closed.
 */
export async function outlast(
  backend: ResultBackend,
  store: { readonly away: () => Promise<void>; readonly back: () => Promise<void> },
): Promise<OutageReport> {
  let acks = 0;
  const broker = wrapBroker(memoryBroker(), {
    onAck: async (ack) => {
      acks += 1;
      await ack();
    },
  });
  const { logger, count } = recordLog();
  const app = createApp("outage", { broker, backend: borrowed(backend), logger });
  let runs = 0;
  let leaving: Promise<void> | undefined;
  const task = app.task("outage.work", { acksLate: true }, async (value: number) => {
    runs += 1;
    leaving ??= store.away();
    await leaving;
    return value;
  });
  const worker = createWorker(app, { pool: asyncPool({ concurrency: 5 }), remoteControl: false });
  await worker.start();
  try {
    const sent = await Promise.all(Array.from({ length: 5 }, (_unused, index) => task.delay(index)));
    const waited = await happens(() => count("outcomes wait for it") > 0);
    const acksWhileAway = acks;
    await store.back();
    await happens(() => acks >= sent.length);
    const states = await Promise.all(sent.map((handle) => handle.state()));
    return { waited, acksWhileAway, acks, states, runs };
  } finally {
    await worker.kill();
    await app.close();
  }
}

/** Calls `celery.backend_cleanup`, as an operator or a schedule does, on a worker with these settings. */
export async function callCleanup(backend: ResultBackend, resultExpires: number | null): Promise<void> {
  const app: App = createApp("cleanup", { broker: memoryBroker(), backend: borrowed(backend), resultExpires });
  const worker = createWorker(app, { pool: asyncPool({ concurrency: 1 }), remoteControl: false });
  await worker.start();
  try {
    await app.send("celery.backend_cleanup").get({ timeout: "10s" });
  } finally {
    await worker.kill();
    await app.close();
  }
}

/** Closing the app leaves it open. */
function borrowed(backend: ResultBackend): ResultBackend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === Symbol.asyncDispose) return async () => undefined;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** Whether it happens within twenty seconds. */
async function happens(check: () => boolean): Promise<boolean> {
  const until = performance.now() + 20_000;
  while (!check()) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
