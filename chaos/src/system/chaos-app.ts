/**
 * The app under test: tasks that say in the ledger when their bodies start and end.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { redisBackend } from "@celeriac/backend-redis";
import { amqpBroker } from "@celeriac/broker-amqp";
import { redisBroker } from "@celeriac/broker-redis";
import type { App, Broker } from "@celeriac/core";
import { createApp, createLogger, jsonSink } from "@celeriac/core";
import type { Ledger } from "../ledger/ledger.js";
import { openLedger } from "../ledger/ledger.js";
import { defineChordTasks } from "./chord-tasks.js";
import type { Behaviour } from "./load.js";
import type { SystemConfig } from "./system-config.js";
import { BOOT_VARIABLE } from "./system-config.js";

export const TASK = "chaos.work";
const QUICK_MS = 5;
const RETRIES = 2;
const RETRY_AFTER_S = 0.1;

/** @param wrap - Lets the worker's main process watch its broker. */
export function buildApp(config: SystemConfig, ledger: Ledger, wrap: (broker: Broker) => Broker = (it) => it): App {
  const { redisUrl, queue, resultExpires } = config;
  const app = createApp("chaos", {
    broker: wrap(openBroker(config)),
    backend: redisBackend(redisUrl, resultExpires === undefined ? {} : { resultExpires }),
    taskDefaultQueue: queue,
    taskAcksLate: config.acksLate,
    taskRejectOnWorkerLost: true,
    logger: createLogger({ level: "warn", sink: jsonSink(process.stderr) }),
  });
  app.task(TASK, { bind: true, maxRetries: RETRIES }, async (ctx, behaviour: Behaviour) => {
    const { id, retries: attempt } = ctx;
    ledger.write("S", { id, attempt, extra: { wall: Date.now() } });
    await pause(behaviour === "slow" ? config.slowMs : QUICK_MS);
    const out = behaviour === "retry" && attempt < RETRIES ? "retry" : behaviour === "raise" ? "raise" : "ok";
    ledger.write("E", { id, attempt, extra: { out } });
    if (out === "raise") throw new Error("asked to fail");
    if (out === "retry") ctx.retry({ countdown: RETRY_AFTER_S });
    return attempt;
  });
  const boot = process.env[BOOT_VARIABLE] ?? "none";
  defineChordTasks(app, { ledger, boot });
  return app;
}

function openBroker({ redisUrl, amqpUrl, visibilityTimeout, restoreIntervalMs }: SystemConfig): Broker {
  return amqpUrl === undefined
    ? redisBroker(redisUrl, { visibilityTimeout, restoreIntervalMs })
    : amqpBroker(amqpUrl, {
        clientName: process.env[BOOT_VARIABLE] ?? "none", // how the driver knows whose connection it was
        onWarning: (text) => process.stderr.write(`${text}\n`),
      });
}

/** What a prefork child imports. */
export function createChildApp(argument: unknown): App {
  const config = argument as SystemConfig; // handed over by the worker's main process
  const { run, ledgerDir } = config;
  return buildApp(config, openLedger({ dir: ledgerDir, run, boot: process.env[BOOT_VARIABLE] ?? "none" }));
}
