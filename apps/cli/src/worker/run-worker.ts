/**
 * `celeriac worker`: loads the app, starts a worker of it, and turns signals into its shutdown.
 * @module
 */
import type { App } from "@celeriac/core";
import { createDeferred } from "@celeriac/core";
import type { Pool, Worker } from "@celeriac/worker";
import { createWorker } from "@celeriac/worker";
import { loadApp } from "../app/load-app.js";
import { purgeQueues, purgeSummary } from "../commands/purge-queues.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { appArgument, type CommandContext, requireApp } from "../settings/global-options.js";
import { requireBroker } from "../settings/with-app.js";
import { version } from "../version.js";
import { banner, bannerFields } from "./banner.js";
import { choosePool } from "./choose-pool.js";
import { listenForShutdown } from "./shutdown-signals.js";
import { settingsOfOptions, type WorkerCommandOptions } from "./worker-command-options.js";

/**
 * Runs until somebody stops it.
 * @returns 0 after a warm shutdown, by signal or remote control; 1 after a cold one.
 * @throws ConfigError, AppNotFound before anything is opened; BrokerError when `--purge` fails.
 */
export async function runWorker(context: CommandContext, options: WorkerCommandOptions): Promise<ExitCode> {
  const { globals, terminal } = context;
  requireApp(globals, "worker");
  const argument = appArgument(globals, {
    overrides: settingsOfOptions(options),
    include: options.include ?? [],
    level: options.loglevel,
    jsonLogs: options.jsonLogs === true,
  });
  const app = await loadApp(argument);
  requireBroker(app);
  const pool = choosePool(app.settings, argument);
  const worker = createWorker(app, {
    pool,
    ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
    ...(options.queues === undefined ? {} : { queues: options.queues }),
    ...(options.excludeQueues === undefined ? {} : { exclude: options.excludeQueues }),
  });
  announce(app, worker, pool, context, options);
  if (options.discard === true) {
    const summary = purgeSummary(await purgeQueues(app, worker.queues));
    if (globals.quiet !== true) terminal.note(summary);
  }
  return runUntilStopped(app, worker);
}

function announce(app: App, worker: Worker, pool: Pool, context: CommandContext, options: WorkerCommandOptions): void {
  const { globals, terminal } = context;
  const fields = bannerFields(app, worker, pool);
  if (options.jsonLogs === true) app.logger.info(fields, "starting");
  else if (globals.quiet !== true) terminal.print(banner(app, worker, pool, version(), terminal.colors));
}

async function runUntilStopped(app: App, worker: Worker): Promise<ExitCode> {
  const log = app.logger;
  const abandoned = createDeferred<void>();
  let isStarted = false;
  using signals = listenForShutdown(
    {
      // Before the start is over nothing was taken from a queue, so there is nothing to finish or to give back.
      warm: () => (isStarted ? stop(worker.stop()) : abandoned.resolve()),
      cold: () => (isStarted ? stop(worker.kill()) : abandoned.resolve()),
      now: () => abandoned.resolve(),
    },
    log,
  );
  const stop = (stopping: Promise<void>): void => {
    stopping.catch((error: unknown) => {
      log.error({ error: String(error) }, "the shutdown failed");
      abandoned.resolve();
    });
  };
  const onStray = (reason: unknown): void => {
    log.error(
      { error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) },
      "a promise of the app rejected and nobody waited for it",
    );
  };
  process.on("unhandledRejection", onStray);
  try {
    const running = worker.start().then(() => {
      isStarted = true;
      return worker.run();
    });
    const ending = await Promise.race([running.then(() => "stopped" as const), abandoned.promise]);
    if (ending === "stopped") await app.close();
    // Abandoned: nothing is waited for. Children end when this process does.
    return signals.stage === "cold" ? EXIT.failed : EXIT.ok;
  } catch (error) {
    await app.close();
    throw error;
  } finally {
    process.off("unhandledRejection", onStray);
  }
}
