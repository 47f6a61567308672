/**
 * Pickles that nobody wrote: mutations of real ones, real ones joined, and opcodes at random. The same seed gives the same
 * pickles.
 * @module
 */
import { op } from "../src/machine/opcodes.js";
import { call, join, named, type Piece, text } from "./assemble.js";

/** A whole number below `limit`. */
type Random = (limit: number) => number;

const opcodes: readonly number[] = Object.values(op);
const names: readonly (readonly [string, string])[] = [
  ["datetime", "datetime"],
  ["datetime", "timedelta"],
  ["decimal", "Decimal"],
  ["uuid", "UUID"],
  ["_codecs", "encode"],
  ["builtins", "getattr"],
  ["builtins", "set"],
  ["builtins", "object"],
  ["copyreg", "_reconstructor"],
  ["zoneinfo", "ZoneInfo"],
  ["collections", "OrderedDict"],
  ["collections", "deque"],
  ["celery.result", "GroupResult"],
  ["celery.result", "AsyncResult"],
  ["builtins", "ValueError"],
  ["os", "system"],
];
const words: readonly string[] = ["__proto__", "constructor", "_unpickle", "Europe/Berlin", "latin1", "int", "1", "a"];

/** Xorshift: small, fast, the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed === 0 ? 1 : seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** The next pickle. */
export function createPickle(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  switch (random(6)) {
    case 0:
      return randomOpcodes(random);
    case 1:
      return sensibleOpcodes(random);
    case 2:
      return mutate(random, splice(random, pick(random, corpus), pick(random, corpus)));
    case 3:
      return mutate(random, pick(random, corpus));
    default:
      return nudge(random, pick(random, corpus));
  }
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError("There is nothing to pick from.");
  return item;
}

/** Bytes changed, left out, put in or repeated. */
function mutate(random: Random, original: Uint8Array): Uint8Array {
  let bytes = original;
  for (let round = random(3); round >= 0; round -= 1) {
    const at = random(bytes.length + 1);
    const length = random(8);
    const [before, after] = [bytes.slice(0, at), bytes.slice(at)];
    const mutations: readonly (() => Uint8Array)[] = [
      () => join(before, Uint8Array.of(random(256)), after.slice(1)),
      () => join(before, Uint8Array.of(pick(random, opcodes)), after.slice(1)),
      () => join(before, Uint8Array.of(pick(random, opcodes)), after),
      () => join(before, after.slice(length)),
      () => join(before, after.slice(0, length), after),
      () => nudge(random, bytes),
      () => before,
    ];
    bytes = pick(random, mutations)();
  }
  return bytes;
}

/** One byte changed, so that much of it can still be read. */
function nudge(random: Random, original: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(original); // never slice(): that of a Buffer is a view, and the corpus would wear out
  bytes[random(bytes.length + 1)] = random(256);
  return bytes;
}

function splice(random: Random, first: Uint8Array, second: Uint8Array): Uint8Array {
  return join(first.slice(0, random(first.length + 1)), second.slice(random(second.length + 1)));
}

function randomOpcodes(random: Random): Uint8Array {
  const bytes = Array.from({ length: random(200) }, () => (random(4) === 0 ? random(256) : pick(random, opcodes)));
  return join(Uint8Array.from(bytes), ".");
}

/** Opcodes with arguments that fit them, so that the stack is seldom empty and calls come about. */
function sensibleOpcodes(random: Random): Uint8Array {
  const pieces: Piece[] = ["(".repeat(random(3))];
  const makers: readonly (() => Piece)[] = [
    () => pick(random, ["N", "\x88", "]", "}", ")", "\x8f", "(", "G?\xf0\0\0\0\0\0\0"]),
    () => join("K", Uint8Array.of(random(256))),
    () => text(pick(random, words)),
    () =>
      join(
        "C",
        Uint8Array.of(10),
        Uint8Array.from({ length: 10 }, () => random(64)),
      ),
    () => named(...pick(random, names)),
    () => call(named(...pick(random, names)), text(pick(random, words))),
    () => pick(random, ["\x85", "\x86", "\x87", "t", "l", "d", "R", "\x81", "b", "a", "e", "s", "u", "\x90", "\x91"]),
    () => pick(random, ["\x94", "2", "0", "1", "h\0", "h\x01", "h\x02", "\x92", "o", "\x93"]),
  ];
  for (let count = 5 + random(60); count > 0; count -= 1) pieces.push(pick(random, makers)());
  return join(...pieces, ".");
}
