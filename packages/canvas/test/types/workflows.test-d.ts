/** Types of workflows: what must compile, and what must not. Checked by `pnpm typecheck`. */
import type { RemoteTask } from "@celeriac/core";
import { createApp } from "@celeriac/core";
import { chain, chord, chunks, group, map, type RestOf, type ResultOf, signatureOf, starmap } from "../../src/index.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

const app = createApp("types");
const add = app.task("add", (a: number, b: number) => a + b);
const show = app.task("show", (value: number) => `#${value}`);
const measure = app.task("measure", (text: string) => text.length);
const total = app.task("total", (all: number[]) => all.length);
const pair = app.task("pair", (both: [number, string]) => both);
const tick = app.task("tick", () => 5);
declare const remote: RemoteTask<[width: number, name: string], Date>;

export function chains(): void {
  const length = chain(add.s(2), show.s(), measure.s());
  same<RestOf<typeof length>, [a: number]>();
  same<ResultOf<typeof length>, number>();
  same<ResultOf<ReturnType<typeof remote.s<["x"]>>>, Date>();
  // @ts-expect-error text is no number
  chain(add.s(1, 2), show.s(), add.s(2));
  // @ts-expect-error two arguments are missing, one comes
  chain(add.s(1, 2), add.s());
  // An immutable step takes nothing, whatever comes before it.
  chain(show.s(1), add.si(1, 2), tick.s(), show.s());
  // What is untyped is taken on trust.
  chain(signatureOf("python.task"), add.s(1));
  chain(add.s(1, 2), signatureOf("python.task"));
  chain(signatureOf<[number], string>("python.show"), measure.s());
  // @ts-expect-error a promise of types is kept
  chain(signatureOf<[number], string>("python.show"), show.s());
  const inner = chain(show.s(), measure.s());
  same<ResultOf<ReturnType<typeof nested>>, number>();
  function nested(): ReturnType<typeof chain<readonly [ReturnType<typeof add.s<[1, 2]>>, typeof inner]>> {
    return chain(add.s(1, 2), inner);
  }
  // @ts-expect-error a chain takes what its first step takes
  chain(show.s(1), inner);
  chain();
}

export function groups(): void {
  const both = group(add.s(1), show.s());
  same<ResultOf<typeof both>, [number, string]>();
  chain(tick.s(), both, pair.s());
  // @ts-expect-error a list of a number and a text is no list of numbers
  chain(tick.s(), both, total.s());
  // @ts-expect-error a member does not take text
  chain(show.s(1), both);
  chain(show.s(1), group(measure.s(), tick.si()), total.s());
  const many = group([1, 2].map((n) => add.s(n)));
  same<ResultOf<typeof many>, number[]>();
  chain(tick.s(), many.skew({ start: 2 }), total.s());
  same<ResultOf<ReturnType<typeof many.set>>, number[]>();
}

export function chords(): void {
  const sum = chord([add.s(1), add.s(2)], total.s());
  same<RestOf<typeof sum>, [a: number]>();
  same<ResultOf<typeof sum>, number>();
  chord(group(add.s(1, 1), show.s(2)), pair.s());
  chord([chord([tick.s()], total.s()), tick.s()], chain(total.s(), show.s()));
  chord(
    [1, 2].map((n) => add.s(n, n)),
    total.s(),
  );
  // @ts-expect-error the header returns texts
  chord([show.s(1), show.s(2)], total.s());
  // @ts-expect-error the body takes one number, not a list
  chord([tick.s()], show.s());
  chain(tick.s(), sum, show.s());
  // @ts-expect-error the body returns a number
  chain(tick.s(), sum, measure.s());
}

export function pipes(): void {
  const text = chain(add.s(1)).pipe(show.s());
  same<ResultOf<typeof text>, string>();
  // @ts-expect-error text is no number
  text.pipe(add.s(1));
}

export function maps(): void {
  const shown = map(show.s(), [1, 2]);
  same<ResultOf<typeof shown>, string[]>();
  const added = starmap(add.s(), [
    [1, 2],
    [3, 4],
  ]);
  same<ResultOf<typeof added>, number[]>();
  chain(added, total.s());
  const parts = chunks(add.s(), [[1, 2]], 1);
  same<ResultOf<typeof parts>, number[][]>();
  // @ts-expect-error items are the task's argument
  map(show.s(), ["x"]);
  // @ts-expect-error an argument is missing
  starmap(add.s(), [[1]]);
}
