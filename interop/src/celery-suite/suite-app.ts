import type { App } from "@celeriac/core";
import { createApp, createLogger, prettySink } from "@celeriac/core";
import { ADAPTERS } from "../interop-app.js";
import { registerContextTasks } from "./context-tasks.js";
import { registerPlainTasks } from "./plain-tasks.js";
import { registerRedisTasks } from "./redis-tasks.js";

/**
 * The app that stands in for Celery's in Celery's own integration suite: its tasks, as far as they need no canvas.
 * Configured like the control, by TEST_BROKER and TEST_BACKEND.
 */
export function createSuiteApp(env: NodeJS.ProcessEnv = process.env): App {
  const { TEST_BROKER: broker, TEST_BACKEND: backend } = env;
  if (broker === undefined || backend === undefined) {
    throw new Error("TEST_BROKER and TEST_BACKEND must name the broker and the result backend of the suite.");
  }
  const app = createApp("celery-suite", {
    broker,
    backend,
    adapters: ADAPTERS,
    resultExtended: true,
    taskCreateMissingQueues: false,
    logger: createLogger({ level: "info", sink: prettySink(process.stderr) }),
  });
  registerPlainTasks(app);
  registerContextTasks(app);
  registerRedisTasks(app, env);
  return app;
}

/** What the children of a prefork pool call: they inherit the environment of their worker. */
export function createSuiteChildApp(): App {
  return createSuiteApp(process.env);
}
