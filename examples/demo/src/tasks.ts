/** The tasks of the show. The producer, the worker and its child processes all make the same app from the same folder. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { filesystemBackend } from "@celeriac/backend-filesystem";
import { filesystemBroker } from "@celeriac/broker-filesystem";
import type { App, Logger } from "@celeriac/core";
import { context, createApp } from "@celeriac/core";
import * as z from "zod";

/** What a bank says. */
export class CardDeclined extends Error {}

/** Passes, if you wait. */
export class MailServerBusy extends Error {}

const Frames = z.object({ done: z.number(), of: z.number() });

/** Attempts of `deliver` that fail before one succeeds. */
export const BUSY_ATTEMPTS = 2;

/** @param folder - Absolute; messages and results live in it. */
export function createDemo(folder: string, logger?: Logger) {
  const app = createApp("demo", {
    broker: filesystemBroker({ folder: join(folder, "messages") }),
    backend: filesystemBackend({ folder: join(folder, "results") }),
    resultExtended: true,
    ...(logger === undefined ? {} : { logger }),
  });

  return {
    app,
    square: app.task("demo.square", (n: number) => ({ value: n * n, pid: process.pid })),
    charge: app.task("demo.charge", (card: string): void => {
      throw new CardDeclined(`card ${card} was declined`);
    }),
    deliver: app.task(
      "demo.deliver",
      { retry: { on: [MailServerBusy], max: 5, backoff: true, jitter: false } },
      (to: string) => {
        const { retries } = context();
        if (retries < BUSY_ATTEMPTS) throw new MailServerBusy("421 try again later");
        return `delivered to ${to} at attempt ${retries + 1}`;
      },
    ),
    render: app.task("demo.render", { bind: true, progress: Frames }, async (ctx, of: number, msPerFrame: number) => {
      for (let done = 1; done <= of; done += 1) {
        await sleep(msPerFrame, undefined, { signal: ctx.signal });
        await ctx.progress({ done, of });
      }
      return `${of} frames`;
    }),
    remind: app.task("demo.remind", (what: string) => ({ what, atMs: Date.now() })),
    announce: app.task("demo.announce", (result: unknown, label: string) => `${label} ${JSON.stringify(result)}`),
    apologise: app.task("demo.apologise", (failedId: string) => `sorry about task ${failedId}`),
    nap: app.task("demo.nap", async (ms: number) => {
      await sleep(ms);
      return process.pid;
    }),
    crash: app.task("demo.crash", async () => {
      process.kill(process.pid, "SIGKILL");
      await sleep(60_000); // the signal is on its way
    }),
  };
}

export type Demo = ReturnType<typeof createDemo>;

/** What each child process of the pool calls with the folder. */
export function demoApp(folder: string): App {
  return createDemo(folder).app;
}
