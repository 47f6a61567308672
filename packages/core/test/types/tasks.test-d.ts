/** Types of tasks, contracts and signatures: what must compile, and what must not. Checked by `pnpm typecheck`. */
import type { StandardSchema } from "../../src/index.js";
import { context, contract, createApp } from "../../src/index.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

declare const widthSchema: StandardSchema<{ src: string; width?: number }, { src: string; width: number }>;
declare const pctSchema: StandardSchema<{ pct: number }>;
declare const listSchema: StandardSchema<number[]>;

const app = createApp("types");

export async function positional(): Promise<void> {
  const add = app.task("add", (a: number, b: number) => a + b);
  same<Parameters<typeof add.delay>, [a: number, b: number]>();
  same<Awaited<ReturnType<typeof add>>, number>();
  const sum = await add.delay(1, 2).get();
  same<typeof sum, number>();
  const handle = await add.call([1, 2], { countdown: "10s", link: add.s(1) });
  same<Awaited<ReturnType<typeof handle.get>>, number>();
  // @ts-expect-error a text is no number
  add.delay("1", 2);
  // @ts-expect-error one argument is missing
  add.delay(1);
  // @ts-expect-error one argument too many
  add.delay(1, 2, 3);
  // @ts-expect-error arguments of a call are a tuple
  add.call([1]);
  // @ts-expect-error no such option
  add.call([1, 2], { countdwn: 5 });
  // @ts-expect-error a handle is not thenable
  handle.then;

  const text = app.task("text", async (name: string) => name.length);
  const length = await text.delay("x").get();
  same<typeof length, number>();
  const optional = app.task("optional", (a: number, b = 2, ...rest: string[]) => [a, b, ...rest]);
  optional.delay(1);
  optional.delay(1, 2, "x", "y");
  // @ts-expect-error the rest are texts
  optional.delay(1, 2, 3);
}

export async function bound(): Promise<void> {
  const crawl = app.task("crawl", { bind: true, acksLate: true }, async (ctx, root: string, depth: number) => {
    same<typeof ctx.retries, number>();
    if (depth > 9) ctx.retry({ countdown: "10s" });
    return { root, depth };
  });
  same<Parameters<typeof crawl.delay>, [root: string, depth: number]>();
  const page = await crawl.delay("https://…", 1).get();
  same<typeof page, { root: string; depth: number }>();
  const typed = app.task("typed", { bind: true, progress: pctSchema }, async (ctx) => {
    await ctx.progress({ pct: 5 });
    // @ts-expect-error not what the schema says
    await ctx.progress({ percent: 5 });
  });
  for await (const step of typed.delay().progress()) same<typeof step, { pct: number }>();
  // @ts-expect-error the context is not an argument of the call
  crawl.delay({}, "https://…", 1);
}

export async function schemas(): Promise<void> {
  const resize = app.task("resize", { input: widthSchema, progress: pctSchema }, async (input, ctx) => {
    same<typeof input, { src: string; width: number }>();
    await ctx.progress({ pct: 50 });
    // @ts-expect-error not what the schema says
    await ctx.progress("half");
    return { bytes: input.width };
  });
  const job = resize.delay({ src: "a.png" });
  const done = await job.get();
  same<typeof done, { bytes: number }>();
  for await (const step of job.progress()) same<typeof step, { pct: number }>();
  // @ts-expect-error src is missing
  resize.delay({ width: 5 });
  // @ts-expect-error width is a number
  resize.delay({ src: "a.png", width: "5" });
  // @ts-expect-error one object, not positions
  resize.delay("a.png", 5);
}

export async function contracts(): Promise<void> {
  const ml = {
    score: contract<[userId: string, options: { deep: boolean }], number>("ml.score"),
    embed: contract("ml.embed", { input: widthSchema, output: listSchema }),
  };
  const { score, embed } = app.client(ml);
  const value = await score.delay("u1", { deep: true }).get();
  same<typeof value, number>();
  const vector = await embed.delay({ src: "x" }).get();
  same<typeof vector, number[]>();
  // @ts-expect-error deep is a flag
  score.delay("u1", { deep: 1 });
  // @ts-expect-error there is no such contract
  app.client(ml).rank;
  const remote = app.remote(ml.score);
  same<Parameters<typeof remote.delay>, [userId: string, options: { deep: boolean }]>();
  // @ts-expect-error its code is elsewhere: it cannot be called here
  remote("u1", { deep: true });

  const local = app.implement(ml.score, { queue: "gpu" }, (userId, { deep }) => userId.length * (deep ? 2 : 1));
  same<Awaited<ReturnType<typeof local>>, number>();
  app.implement(ml.embed, async (input) => {
    same<typeof input, { src: string; width: number }>(); // after the schema: the default is there
    return [input.width];
  });
  // @ts-expect-error a score is a number
  app.implement(ml.score, () => "high");
  // @ts-expect-error the user's id is a text
  app.implement(ml.score, (userId: number) => userId);
}

export function partials(): void {
  const add = app.task("add3", (a: number, b: string, c: boolean) => [a, b, c].length);
  const one = add.s(true);
  one.delay(1, "x");
  const two = add.s("x", true);
  two.delay(1);
  two.call([1], { priority: 5 });
  add.s(1, "x", true).delay();
  add.s().delay(1, "x", true);
  add.si(1, "x", true).delay();
  // @ts-expect-error the last argument is a flag
  add.s(1);
  // @ts-expect-error in the wrong order
  add.s(true, "x");
  // @ts-expect-error too many
  add.s(0, 1, "x", true);
  // @ts-expect-error one is left to give
  two.delay();
  // @ts-expect-error only one is left
  two.delay(1, "x");
  // @ts-expect-error a number is left
  two.delay("x");
  // @ts-expect-error an immutable signature is complete
  add.si(1);
  // @ts-expect-error an immutable signature takes nothing more
  add.si(1, "x", true).delay(1);
  two.set({ queue: "io" }).link(one).onError(two).delay(1);
}

export async function ambient(): Promise<void> {
  await context<{ pct: number }>().progress({ pct: 5 });
  // @ts-expect-error not the declared progress
  await context<{ pct: number }>().progress({ pct: "5" });
  const { signal, log, id } = context();
  same<typeof signal, AbortSignal>();
  same<typeof id, string>();
  log.info({ id }, "shown");
  // @ts-expect-error fields come first
  log.info("shown");
}

export async function untyped(): Promise<void> {
  const raw = await app.send<string>("legacy.task", ["x"], { kwargs: { y: 1 } }).get();
  same<typeof raw, string>();
  const unknown = await app.send("legacy.task").get();
  same<typeof unknown, unknown>();
  // @ts-expect-error retry policies are checked
  app.task("bad", { retry: { on: ["TypeError"] } }, () => 1);
  // @ts-expect-error no such option
  app.task("bad2", { acksLaet: true }, () => 1);
}
