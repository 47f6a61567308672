/** Types of sending and of results: what must compile, and what must not. Checked by `pnpm typecheck`. */
import { createApp } from "@celeriac/core";
import type { GroupResult, Workflow, WorkflowHandle } from "../../src/index.js";
import { chain, chord, chunks, group, map, signatureOf, stamp, startWorkflow } from "../../src/index.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

const app = createApp("types");
const add = app.task("add", (a: number, b: number) => a + b);
const show = app.task("show", (value: number) => `#${value}`);
const total = app.task("total", (all: number[]) => all.length);

export async function chains(): Promise<void> {
  const flow = chain(add.s(2), show.s());
  same<Awaited<ReturnType<ReturnType<typeof flow.delay>["get"]>>, string>();
  const handle = await flow.delay(1);
  same<typeof handle, WorkflowHandle<string>>();
  await flow.call([1], { queue: "slow" });
  // @ts-expect-error an argument is missing
  flow.delay();
  // @ts-expect-error text is no number
  flow.delay("1");
  // @ts-expect-error one argument too many
  flow.call([1, 2]);
  // @ts-expect-error no such option
  flow.call([1], { colour: "red" });
  const complete: string = await chain(add.s(1, 2), show.s()).delay().get();
  // @ts-expect-error it returns text
  const wrong: number = await chain(add.s(1, 2), show.s()).delay().get();
  for await (const [node, value] of handle.collect()) same<typeof value, unknown>(...([node].slice(1) as []));
  void [complete, wrong];
}

export async function groups(): Promise<void> {
  const handle = await group(add.s(1), show.s()).delay(2);
  same<typeof handle, GroupResult<[number, string]>>();
  const [first, second] = handle.results;
  same<typeof first, WorkflowHandle<number>>();
  same<typeof second, WorkflowHandle<string>>();
  // @ts-expect-error there are two members
  handle.results[2];
  same<Awaited<ReturnType<typeof handle.get>>, unknown[]>(); // the overload for any options
  const values: [number, string] = await handle.get();
  const strict: [number, string] = await handle.get({ timeout: 1, propagate: true });
  // @ts-expect-error errors may stand in the place of values
  const loose: [number, string] = await handle.get({ propagate: false });
  for await (const member of handle.settled()) {
    if (member.status === "fulfilled") same<typeof member.value, number | string>();
    else member.reason;
    // @ts-expect-error it may have failed
    member.value;
  }
  const many = await group([1, 2].map((n) => add.s(n, n))).delay();
  const numbers: number[] = await many.get();
  const parts: number[][] = await chunks(add.s(), [[1, 2]], 2)
    .delay()
    .get();
  // @ts-expect-error chunks are complete
  chunks(add.s(), [[1, 2]], 2).delay(1);
  void [values, strict, loose, numbers, parts];
}

export async function chords(): Promise<void> {
  const size: number = await chord([add.s(1), add.s(2)], total.s())
    .delay(5)
    .get();
  function* headers(): Generator<ReturnType<typeof add.s<[number, number]>>> {
    yield add.s(1, 1);
  }
  const generated: number = await chord(headers(), total.s()).delay().get();
  function* texts(): Generator<ReturnType<typeof show.s<[number]>>> {
    yield show.s(1);
  }
  // @ts-expect-error the header returns texts
  chord(texts(), total.s());
  const maps: string[] = await map(show.s(), [1, 2]).delay().get();
  void [size, generated, maps];
}

export async function started(): Promise<void> {
  const flow = chain(add.s(2), show.s());
  const text: string = await startWorkflow(app, flow, [1]).get();
  // @ts-expect-error text is no number
  startWorkflow(app, flow, ["1"]);
  // @ts-expect-error an argument is missing
  startWorkflow(app, flow);
  // @ts-expect-error an app comes first
  startWorkflow(flow, [1]);
  const plain: number = await startWorkflow(app, add.s(1, 2)).get();
  await startWorkflow(app, signatureOf("python.task"), [1, "x"]);
  void [text, plain];
}

export function changed(): void {
  const flow = chain(add.s(2), show.s());
  same<ReturnType<typeof flow.immutable>, Workflow<readonly [], string>>();
  chain(show.s(1), flow.immutable(), signatureOf<[string], number>("measure"));
  flow.stamp({ by: "me" }).delay(1);
  flow.stamp({ onSignature: ({ task }) => ({ name: task }) }, { appendStamps: true });
  // @ts-expect-error no such hook
  flow.stamp({ onSignatures: () => ({}) });
  const stamped = stamp(add.s(1), { by: "me" });
  same<typeof stamped, ReturnType<typeof add.s<[1]>>>();
  // @ts-expect-error a group's members are its own
  flow.skew();
  group(add.s(1)).immutable().skew().delay();
  flow.replace({ args: [1], options: { queue: "slow" } });
  // @ts-expect-error options are not among options
  flow.replace({ options: { kwargs: {} } });
}
