import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PickleError, readGroupPickle, readPickle, writePickle } from "../src/index.js";
import { exploits } from "./exploits.js";
import { createPickle, createRandom } from "./fuzz.js";
import { prototypeSnapshot, reasonNotPlain } from "./judge.js";

/** How many pickles, and which; a failure names its number, so that it can be found again. */
const count = Number(process.env.CELERIAC_FUZZ_COUNT ?? 3_000);
const seed = Number(process.env.CELERIAC_FUZZ_SEED ?? 20_261_120);
const slowestMs = 5_000;

const file = new URL("./vectors/pickles.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly vectors: readonly { readonly pickle: string }[];
};
const maxCorpusBytes = 2_000;
const corpus = [
  ...vectors.map(({ pickle }) => new Uint8Array(Buffer.from(pickle, "base64"))),
  ...exploits.map(({ bytes }) => bytes),
].filter(({ length }) => length <= maxCorpusBytes);

const limits = { maxMemoryBytes: 4 * 1_048_576, maxExpandedBytes: 4 * 1_048_576 };
const readings: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => readPickle(bytes, limits),
  (bytes) => readPickle(bytes, { ...limits, expects: "exception" }),
  (bytes) => readGroupPickle(bytes, limits),
];

/** Mutations must leave the corpus as it is: a worn out one tests nothing but garbage. */
function digest(pickles: readonly Uint8Array[]): string {
  return createHash("sha256").update(Buffer.concat(pickles)).digest("hex");
}

/** What is wrong with how one pickle was read; `undefined` when it was read or refused as it should. */
function complaint(bytes: Uint8Array, tally: { read: number; refused: number }): string | undefined {
  for (const read of readings) {
    const startedMs = performance.now();
    try {
      const value = read(bytes);
      tally.read += 1;
      const reason = reasonNotPlain(value);
      if (reason !== undefined) return `gave ${reason}`;
      writePickle(value, { maxDepth: 1_000 });
    } catch (error) {
      if (!(error instanceof PickleError)) return `threw ${error instanceof Error ? error.stack : String(error)}`;
      tally.refused += 1;
    }
    if (performance.now() - startedMs > slowestMs) return `took ${performance.now() - startedMs} ms`;
  }
  return undefined;
}

it(`${count} broken pickles of seed ${seed}: read as plain data or refused, nothing else`, {
  timeout: 3_600_000,
}, () => {
  const random = createRandom(seed);
  const before = prototypeSnapshot();
  const corpusBefore = digest(corpus);
  const tally = { read: 0, refused: 0 };
  for (let number = 0; number < count; number += 1) {
    const bytes = createPickle(random, corpus);
    const wrong = complaint(bytes, tally);
    if (wrong !== undefined) {
      expect.fail(`pickle ${number} ${wrong}: ${Buffer.from(bytes).toString("base64")}`);
    }
  }
  expect(prototypeSnapshot()).toBe(before);
  expect(digest(corpus)).toBe(corpusBefore);
  // Both must happen, else the mutations are too wild or too tame to tell anything.
  expect(tally.read).toBeGreaterThan(count / 10);
  expect(tally.refused).toBeGreaterThan(count);
  process.stderr.write(`${count} pickles read three ways: ${tally.read} read, ${tally.refused} refused\n`);
});
