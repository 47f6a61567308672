/** The workflows whose messages are measured; `measure-sizes.py` builds the same ones. */
import type { SignatureLike } from "@celeriac/core";
import { chain, chord, signatureOf } from "../../src/index.js";

const add = (...args: readonly number[]) => signatureOf("tasks.add", args);
const sum = () => signatureOf("tasks.sum");
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

export const longChain = (length: number): SignatureLike => chain(add(1, 1), ...times(length - 1, () => add(1)));

export const wideChord = (size: number): SignatureLike =>
  chord(
    times(size, (index) => add(index, index)),
    sum(),
  );

export const chainOfChords = (count: number, size: number): SignatureLike =>
  chain(
    add(1, 1),
    ...times(count, () =>
      chord(
        times(size, (index) => add(index)),
        sum(),
      ),
    ),
  );
