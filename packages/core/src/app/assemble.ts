import { systemClock } from "../lifecycle/index.js";
import { createLogger, jsonSink } from "../logging/index.js";
import type { Clock, Logger } from "../ports/index.js";
import type { Compressions, Serializers } from "../protocol/index.js";
import { createCompressions, createSerializers } from "../protocol/index.js";
import type { Router } from "../routing/index.js";
import { createRouter } from "../routing/index.js";
import type { Settings } from "../settings/index.js";
import { parseSettings } from "../settings/index.js";
import type { AppConfig } from "./app-config.js";
import type { PublishPolicy } from "./publish.js";

/** What is built from a configuration before anything is opened; rebuilt by `configure`. */
export interface Assembly {
  readonly settings: Settings;
  readonly router: Router;
  readonly serializers: Serializers;
  readonly compressions: Compressions;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly policy: PublishPolicy;
}

/** @throws ConfigError with all that is wrong. */
export function assemble(config: AppConfig): Assembly {
  const { broker, backend, adapters: _adapters, serializers, compressions, logger, clock, ...input } = config;
  const urls = {
    ...(typeof broker === "string" ? { brokerUrl: broker } : {}),
    ...(typeof backend === "string" ? { resultBackend: backend } : {}),
  };
  const { settings, warnings } = parseSettings({ ...input, ...urls });
  const log = logger ?? createLogger({ level: "warn", sink: jsonSink(process.stderr) });
  for (const warning of warnings) log.warn({}, warning);
  const policy = settings.taskPublishRetryPolicy;
  return {
    settings,
    router: createRouter(settings),
    serializers: createSerializers(serializers ?? []),
    compressions: createCompressions(compressions ?? []),
    logger: log,
    clock: clock ?? systemClock,
    policy: {
      deadlineMs: 1000 * settings.publishTimeout,
      maxRetries: settings.taskPublishRetry ? policy.maxRetries : 0,
      startMs: 1000 * policy.intervalStart,
      stepMs: 1000 * policy.intervalStep,
      maxMs: 1000 * policy.intervalMax,
    },
  };
}
