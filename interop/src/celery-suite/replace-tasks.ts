import { chain, fromJSON, group } from "@celeriac/canvas";
import type { App } from "@celeriac/core";
import type { RedisTraces } from "./redis-traces.js";
import {
  ADD,
  FAIL,
  IDENTITY,
  PREFIX,
  RAISE_ERROR,
  REDIS_ECHO,
  REPLACED_WITH_ME,
  SECOND_ORDER_1,
  SECOND_ORDER_2,
  TSUM,
} from "./suite-contracts.js";

/** Tasks of the suite that put another task or a canvas in their place, or grow the chord they are in. */
export function registerReplaceTasks(app: App, traces: RedisTraces): void {
  const [add, fail, tsum] = [app.remote(ADD), app.remote(FAIL), app.remote(TSUM)];
  app.task(`${PREFIX}.add_replaced`, { bind: true, params: ["x", "y"] }, (ctx, x: unknown, y: unknown) =>
    ctx.replace(add.s(x, y)),
  );
  app.task(`${PREFIX}.fail_replaced`, { bind: true }, (ctx, ...args: readonly unknown[]) =>
    ctx.replace(fail.si(...args)),
  );
  app.task(
    `${PREFIX}.add_to_all`,
    { bind: true, params: ["nums", "val"] },
    (ctx, numbers: readonly number[], value: number) => ctx.replace(group(numbers.map((item) => add.s(item, value)))),
  );
  app.task(
    `${PREFIX}.add_to_all_to_chord`,
    { bind: true, params: ["nums", "val"] },
    async (ctx, numbers: readonly number[], value: number) => {
      for (const item of numbers) await ctx.addToChord(add.s(item, value));
      return 0;
    },
  );
  app.task(
    `${PREFIX}.add_chord_to_chord`,
    { bind: true, params: ["nums", "val"] },
    async (ctx, numbers: readonly number[], value: number) => {
      await ctx.addToChord(chain(group(numbers.map((item) => add.s(item, value))), tsum.s()));
      return 0;
    },
  );
  registerChainReplacements(app);
  registerSecondOrder(app, traces);
  const replacedWithMe = app.remote(REPLACED_WITH_ME);
  app.task(`${PREFIX}.replace_with_stamped_task`, { bind: true, params: ["replace_with"] }, (ctx, given: unknown) => {
    const replacement = given === undefined || given === null ? fromJSON(replacedWithMe.s().toJSON()) : fromJSON(given);
    return ctx.replace(replacement.set({ stamps: { StampOnReplace: "This is the replaced task" } }));
  });
}

function registerChainReplacements(app: App): void {
  const [identity, raiseError, redisEcho] = [app.remote(IDENTITY), app.remote(RAISE_ERROR), app.remote(REDIS_ECHO)];
  const echo = (message: unknown) => (typeof message === "string" ? redisEcho.si(message) : redisEcho.s());
  app.task(
    `${PREFIX}.replace_with_chain`,
    { bind: true, params: ["value", "link_msg"] },
    (ctx, value: unknown, linkMessage: unknown = null) =>
      ctx.replace(chain(identity.s(value), identity.s()).link(echo(linkMessage))),
  );
  app.task(
    `${PREFIX}.replace_with_chain_which_raises`,
    { bind: true, params: ["value", "link_msg"] },
    (ctx, value: unknown, linkMessage: unknown = null) =>
      ctx.replace(chain(identity.s(value), raiseError.s()).onError(echo(linkMessage))),
  );
  app.task(`${PREFIX}.replace_with_empty_chain`, { bind: true }, (ctx, ..._args: readonly unknown[]) =>
    ctx.replace(chain()),
  );
}

/** Two tasks that each put a chain in their place in which they come again; they leave a trace on the way in and out. */
function registerSecondOrder(app: App, traces: RedisTraces): void {
  const [first, second] = [app.remote(SECOND_ORDER_1), app.remote(SECOND_ORDER_2)];
  const redisEcho = app.remote(REDIS_ECHO);
  const options = { bind: true, params: ["state"] } as const;
  app.task(SECOND_ORDER_1.name, options, async (ctx, isAgain: boolean = false) => {
    await traces.echo(isAgain ? "Out A" : "In A", "redis-echo");
    return isAgain ? null : ctx.replace(chain(second.s(false), first.si(true)));
  });
  app.task(SECOND_ORDER_2.name, options, async (ctx, isAgain: boolean = false) => {
    await traces.echo(isAgain ? "Out B" : "In B", "redis-echo");
    return isAgain ? null : ctx.replace(chain(redisEcho.s("In/Out C"), second.si(true)));
  });
}
