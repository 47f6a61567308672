import { redisBackend } from "@celeriac/backend-redis";
import { redisBroker } from "@celeriac/broker-redis";
import { chain, chord, signatureOf, startWorkflow } from "@celeriac/canvas";
import type { App } from "@celeriac/core";
import { createApp } from "@celeriac/core";
import { TASKS } from "../floor/chord.js";

/** An app as a user would write it: defaults everywhere. */
export function createChordApp(url: string, queue: string): App {
  const app = createApp("bench", { broker: redisBroker(url), backend: redisBackend(url), taskDefaultQueue: queue });
  app.task(TASKS.part, async (value: number) => value);
  app.task(TASKS.body, async (values: readonly number[]) => values.reduce((sum, n) => sum + n, 0));
  return app;
}

/** What a prefork child imports. */
export function createChildApp(argument: unknown): App {
  const { url, queue } = argument as { readonly url: string; readonly queue: string }; // handed over by our own worker
  return createChordApp(url, queue);
}

/** Milliseconds from `delay()` to the body's result. */
export async function runChord(app: App, size: number): Promise<number> {
  const start = performance.now();
  const header = Array.from({ length: size }, (_, index) => signatureOf<[], number>(TASKS.part, [index]));
  const result = await startWorkflow(app, chord(header, signatureOf(TASKS.body))).get({ timeout: 60 });
  const tookMs = performance.now() - start;
  if (result !== (size * (size - 1)) / 2) throw new Error(`Our chord of ${size} returned ${String(result)}.`);
  return tookMs;
}

/** Milliseconds for a chain of so many steps. */
export async function runChain(app: App, steps: number): Promise<number> {
  const start = performance.now();
  const first = signatureOf<[], number>(TASKS.part, [1]);
  const later = Array.from({ length: steps - 1 }, () => signatureOf<[number], number>(TASKS.part));
  await startWorkflow(app, chain(first, ...later)).get({ timeout: 60 });
  return performance.now() - start;
}
