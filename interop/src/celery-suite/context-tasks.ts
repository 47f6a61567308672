import type { App } from "@celeriac/core";
import { Reject } from "@celeriac/core";
import { PREFIX } from "./suite-contracts.js";
import { ExpectedException, UnpickleableException, ValueError } from "./suite-errors.js";

/** What the suite passes as keyword arguments of `retry()`, in Python's names. */
interface PythonRetry {
  readonly countdown?: number;
  readonly max_retries?: number;
}

/** Tasks of the suite that look at their own request, or retry. */
export function registerContextTasks(app: App): void {
  app.task(`${PREFIX}.ids`, { bind: true, params: ["i"] }, ({ request }, i: unknown) => [
    request.rootId,
    request.parentId,
    i,
  ]);
  app.task(
    `${PREFIX}.collect_ids`,
    { bind: true, params: ["res", "i"] },
    ({ request }, result: unknown, i: unknown) => [result, [request.rootId, request.parentId, i]],
  );
  app.task(
    `${PREFIX}.return_priority`,
    { bind: true },
    ({ request }, ..._args: readonly unknown[]) => `Priority: ${request.priority ?? 0}`,
  );
  app.task(`${PREFIX}.return_properties`, { bind: true }, ({ request }) => request.message.properties);
  app.task(`${PREFIX}.reject_then_succeed`, { bind: true, acksLate: true }, ({ request }) => {
    if (!isRedelivered(request.message)) throw new Reject("first delivery", { requeue: true });
    return "second-pass";
  });
  registerRetries(app);
}

function registerRetries(app: App): void {
  let attempts = 0; // as in the original, kept in the process that runs the task
  app.task(
    `${PREFIX}.retry`,
    { bind: true, defaultRetryDelay: 1, params: ["return_value"] },
    (ctx, returnValue: unknown = null) => {
      if (returnValue !== null) {
        if (attempts >= 3) {
          attempts = 0;
          return returnValue;
        }
        attempts += 1;
      }
      return ctx.retry({ cause: new ExpectedException(), countdown: 5 });
    },
  );
  app.task(
    `${PREFIX}.retry_unpickleable`,
    { bind: true, defaultRetryDelay: 1, params: ["foo", "bar", "retry_kwargs"] },
    (ctx, foo: unknown, _bar: unknown, options: PythonRetry) =>
      ctx.retry({ cause: new UnpickleableException(foo), ...retryOptions(options) }),
  );
  const once = { bind: true, maxRetries: 1, params: ["expires", "max_retries", "countdown"] } as const;
  app.task(
    `${PREFIX}.retry_once`,
    { ...once, expires: 120 },
    (ctx, expires: unknown = null, maxRetries: number = 1, countdown: number | null = 0.1) => {
      if (ctx.retries > 0) return ctx.retries;
      return ctx.retry({
        maxRetries,
        ...(countdown === null ? {} : { countdown }),
        // As an errback its first argument is the id of the task that failed.
        ...(typeof expires === "number" ? { expires } : {}),
      });
    },
  );
  app.task(`${PREFIX}.retry_once_priority`, once, (ctx) => {
    if (ctx.retries > 0) return ctx.request.priority;
    return ctx.retry({ countdown: 0.1 });
  });
  app.task(`${PREFIX}.retry_once_headers`, once, (ctx) => {
    if (ctx.retries > 0) return ctx.request.headers;
    return ctx.retry({ countdown: 0.1 });
  });
  const policy = { on: [ValueError], max: 1, backoff: true };
  app.task("auto_retry_class_task", { bind: true, retry: policy }, (ctx) => {
    if (ctx.retries > 0) return ctx.retries;
    throw new ValueError();
  });
}

function retryOptions(options: PythonRetry): { readonly countdown?: number; readonly maxRetries?: number } {
  const { countdown, max_retries: maxRetries } = options;
  return { ...(countdown === undefined ? {} : { countdown }), ...(maxRetries === undefined ? {} : { maxRetries }) };
}

function isRedelivered(message: { readonly headers: Readonly<Record<string, unknown>> }): boolean {
  return message.headers.redelivered === true;
}
