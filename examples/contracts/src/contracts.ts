/** What both sides share: names, types and schemas, no code. The other side may as well be Python. */
import { contract } from "@celeriac/core";
import * as z from "zod";

/** Positional: Python calls it `score.delay("ada")`. */
export const score = contract<[userId: string], number>("ml.score");

/** By schema, travels as keyword arguments: Python calls it `resize.delay(src="...", width=320)`. */
export const resize = contract("img.resize", {
  input: z.object({ src: z.url(), width: z.int().positive().default(800) }),
  output: z.object({ src: z.string(), pixels: z.number() }),
});
