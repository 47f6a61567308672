import type { Settings } from "@celeriac/core";
import { ConfigError } from "@celeriac/core";
import type { Pool } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { prefork } from "@celeriac/worker/prefork";
import type { AppArgument } from "../app/app-argument.js";
import { POOL_NAMES } from "./pool-names.js";

/**
 * The pool that the settings name. Children of the prefork pool load the app as this process did, from the same argument.
 * @throws ConfigError for a pool there is not.
 */
export function choosePool(settings: Settings, argument: AppArgument): Pool {
  const kind = POOL_NAMES.get(settings.workerPool);
  if (kind === undefined) {
    const known = [...POOL_NAMES.keys()].join(", ");
    throw new ConfigError([
      { key: "workerPool", message: `there is no pool "${settings.workerPool}"; known: ${known}.` },
    ]);
  }
  const concurrency = settings.workerConcurrency === null ? {} : { concurrency: settings.workerConcurrency };
  if (kind === "solo") return asyncPool({ concurrency: 1 });
  if (kind === "async") return asyncPool(concurrency);
  const { workerMaxTasksPerChild: tasks, workerMaxMemoryPerChild: memory } = settings;
  return prefork({
    app: { module: new URL("../app/load-app.js", import.meta.url).href, exportName: "loadApp", argument },
    ...concurrency,
    ...(tasks === null ? {} : { maxTasksPerChild: tasks }),
    ...(memory === null ? {} : { maxMemoryPerChild: memory }),
  });
}
