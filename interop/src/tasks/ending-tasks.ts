import { setTimeout as pause } from "node:timers/promises";
import type { App } from "@celeriac/core";
import { Ignore } from "@celeriac/core";

/** Named as Python's builtin: Python rebuilds it as its own class. */
class ValueError extends Error {
  override readonly name = "ValueError";
}

class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}

class OSError extends Error {
  override readonly name = "OSError";
}

/** Exists on this side only: Python gets a class of this name made for it. */
class OutOfStock extends Error {
  readonly pythonArgs: readonly unknown[];

  constructor(code: number, detail: string) {
    super(detail);
    this.name = "OutOfStock";
    this.pythonArgs = [code, detail];
  }
}

/** Tasks that end in every way a task can; `python/celeriac_peer/tasks.py` has the same. */
export function registerEndings(app: App): void {
  app.task("interop.fail", (message: string = "boom"): never => {
    throw new ValueError(message);
  });
  app.task("interop.fail_custom", (code: number = 7, detail: string = "custom detail"): never => {
    throw new OutOfStock(code, detail);
  });
  app.task("interop.retry_once", { bind: true, maxRetries: 3 }, (ctx, countdown: number = 0.2) => {
    if (ctx.retries === 0) ctx.retry({ cause: new RuntimeError("not yet"), countdown });
    return { id: ctx.id, retries: ctx.retries };
  });
  app.task("interop.retry_until_exhausted", { bind: true, maxRetries: 1 }, (ctx) =>
    ctx.retry({ cause: new OSError("always"), countdown: 0.1 }),
  );
  app.task("interop.ignore", { bind: true }, async (ctx): Promise<never> => {
    await ctx.updateState("SEEN", { by: "typescript" });
    throw new Ignore();
  });
  app.task("interop.ignored", { ignoreResult: true }, (value: unknown = null) => value);
  app.task("interop.sleep", async (seconds: number, value: unknown = null) => {
    await pause(seconds * 1000);
    return value;
  });
  app.task("interop.progress", { bind: true }, async (ctx, steps: number = 3, seconds: number = 0.1) => {
    for (let step = 1; step <= steps; step += 1) {
      await ctx.progress({ step, of: steps });
      await pause(seconds * 1000);
    }
    return steps;
  });
}
