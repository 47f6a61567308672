import { fromJSON } from "@celeriac/canvas";
import type { App, Contract } from "@celeriac/core";
import { contract } from "@celeriac/core";

/** Tasks of the interop suites that workflows are made of, whichever side runs them. */
export const ADD: Contract<[x: number, y: number], number> = contract("interop.add");
export const MUL: Contract<[x: number, y: number], number> = contract("interop.mul");
export const SUM: Contract<[numbers: readonly number[]], number> = contract("interop.sum");
export const IDENTITY: Contract<[value: unknown], unknown> = contract("interop.identity");
export const SIDE: Contract<[value: unknown], readonly [side: string, value: unknown]> = contract("interop.side");
export const FAIL: Contract<[message: string], never> = contract("interop.fail");
/** Ends as whatever the signature, a dictionary, ends as. */
export const REPLACE_WITH: Contract<[signature: unknown], unknown> = contract("interop.replace_with");
/** Adds the signature to the chord it is in, and returns the value. */
export const GROW_CHORD: Contract<[signature: unknown, value: number], number> = contract("interop.grow_chord");

/** Tasks that sum up, replace themselves and grow their chord; `python/celeriac_peer/tasks.py` has the same. */
export function registerCanvasTasks(app: App): void {
  app.task(SUM.name, { params: ["numbers"] }, (numbers: readonly number[]) =>
    numbers.reduce((total, item) => total + item, 0),
  );
  app.task(REPLACE_WITH.name, { bind: true, params: ["signature"] }, (ctx, signature: unknown) =>
    ctx.replace(fromJSON(signature)),
  );
  app.task(
    GROW_CHORD.name,
    { bind: true, params: ["signature", "value"] },
    async (ctx, signature: unknown, value: number) => {
      await ctx.addToChord(fromJSON(signature));
      return value;
    },
  );
}
