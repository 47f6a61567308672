import { chain, chord, fromJSON, group } from "@celeriac/canvas";
import type { App, SignatureLike } from "@celeriac/core";
import { ADD, PREFIX } from "./suite-contracts.js";

/** Tasks of the suite that send a canvas, return one, or are given one. */
export function registerCanvasTasks(app: App): void {
  const add = app.remote(ADD);
  app.task(`${PREFIX}.chain_add`, { params: ["x", "y"] }, async (x: number, y: number) => {
    await chain(add.s(x, x), add.s(y)).delay();
    return null;
  });
  app.task(`${PREFIX}.chord_add`, { params: ["x", "y"] }, async (x: number, y: number) => {
    await chord([add.s(x, x)], add.s(y)).delay();
    return null;
  });
  app.task(`${PREFIX}.build_chain_inside_task`, async () => {
    const result = await chain(add.s(1, 1), add.s(2), group(add.s(3), add.s(4)), add.s(5)).delay();
    return result.asTuple();
  });
  app.task(`${PREFIX}.rebuild_signature`, { params: ["sig_dict"] }, (dictionary: unknown) => {
    fromJSON(dictionary); // reads all that is nested in it, or throws
    return null;
  });
  registerNested(app);
}

/** One kind in another, returned as a value: nobody sends these, they lack arguments. */
function registerNested(app: App): void {
  const add = app.signature(ADD.name);
  const nested: Readonly<Record<string, () => SignatureLike>> = {
    chain_chain: () => chain(chain(add)),
    chain_group: () => chain(group(add)),
    chain_chord: () => chain(chord([add], add)),
    group_chain: () => group(chain(add)),
    group_group: () => group(group(add)),
    group_chord: () => group(chord([add], add)),
    chord_chain: () => chord(chain(add), add),
    chord_group: () => chord(group(add), add),
    chord_chord: () => chord(chord([add], add), add),
  };
  for (const [kinds, build] of Object.entries(nested)) {
    app.task(`${PREFIX}.return_nested_signature_${kinds}`, () => build().toJSON());
  }
}
