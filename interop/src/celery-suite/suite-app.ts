import type { App } from "@celeriac/core";
import { createApp, createLogger, normalizeSettings, prettySink } from "@celeriac/core";
import { ADAPTERS } from "../interop-app.js";
import { registerCanvasTasks } from "./canvas-tasks.js";
import { registerContextTasks } from "./context-tasks.js";
import { registerPlainTasks } from "./plain-tasks.js";
import { registerRedisTasks } from "./redis-tasks.js";
import { createRedisTraces } from "./redis-traces.js";
import { registerReplaceTasks } from "./replace-tasks.js";

/**
 * The app that stands in for Celery's in Celery's own integration suite, with all of its tasks.
 * Configured like the control, by TEST_BROKER, TEST_BACKEND and CELERIAC_SUITE_SETTINGS.
 */
export function createSuiteApp(env: NodeJS.ProcessEnv = process.env): App {
  const { TEST_BROKER: broker, TEST_BACKEND: backend } = env;
  if (broker === undefined || backend === undefined) {
    throw new Error("TEST_BROKER and TEST_BACKEND must name the broker and the result backend of the suite.");
  }
  const app = createApp("celery-suite", {
    ...normalizeSettings(JSON.parse(env.CELERIAC_SUITE_SETTINGS ?? "{}")).input,
    broker,
    backend,
    adapters: ADAPTERS,
    resultExtended: true,
    taskCreateMissingQueues: false,
    logger: createLogger({ level: "info", sink: prettySink(process.stderr) }),
  });
  registerPlainTasks(app);
  registerContextTasks(app);
  registerCanvasTasks(app);
  const traces = createRedisTraces(env);
  registerRedisTasks(app, traces);
  registerReplaceTasks(app, traces);
  return app;
}

/** What the children of a prefork pool call: they inherit the environment of their worker. */
export function createSuiteChildApp(): App {
  return createSuiteApp(process.env);
}
