import type { App } from "@celeriac/core";
import type { RedisTraces, TraceMessage } from "./redis-traces.js";
import { PREFIX } from "./suite-contracts.js";

/** What an errback of the newer style looks at. */
interface FailedRequest {
  readonly id: string;
}

/** Tasks of the suite that leave traces in Redis. */
export function registerRedisTasks(app: App, traces: RedisTraces): void {
  app.task(
    `${PREFIX}.redis_echo`,
    { params: ["message", "redis_key"] },
    async (message: TraceMessage, key: string = "redis-echo") => {
      await traces.echo(message, key);
      return null;
    },
  );
  app.task(
    `${PREFIX}.redis_echo_group_id`,
    { bind: true, params: ["_", "redis_key"] },
    async ({ request }, _ignored: unknown, key: string = "redis-group-ids") => {
      await traces.echo(request.group ?? "", key);
      return null;
    },
  );
  app.task(`${PREFIX}.redis_count`, { params: ["redis_key"] }, async (key: string = "redis-count") => {
    await traces.count(key);
    return null;
  });
  app.task(`${PREFIX}.errback_old_style`, { params: ["request_id"] }, async (requestId: string) => {
    await traces.count(requestId);
    return requestId;
  });
  // More than one parameter makes it an errback of the newer style, called in the worker of the task that failed.
  app.task(
    `${PREFIX}.errback_new_style`,
    { params: ["request", "exc", "tb"] },
    async (request: FailedRequest, _error: unknown, _traceback: unknown) => {
      await traces.count(request.id);
      return request.id;
    },
  );
}
