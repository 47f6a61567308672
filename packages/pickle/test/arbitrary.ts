import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "@celeriac/core/protocol";
import fc from "fast-check";
import { TimeDelta } from "../src/index.js";

const millisecondsPerDay = 86_400_000;
const instant = fc.integer({ min: -62_135_510_400_000, max: 253_402_214_400_000 });
const isoText = instant.map((ms) => new Date(ms).toISOString());
const fraction = fc.integer({ min: 0, max: 999_999 }).map((micros) => String(micros).padStart(6, "0"));
const offset = fc.constantFrom("", "+00:00", "+02:00", "-03:30", "+00:53:28");

const dateTime = fc.tuple(isoText, fraction, offset).map(([text, micros, zone]) => {
  const cut = micros === "000000" ? "" : `.${micros}`;
  return new DateTime(text.slice(0, 19) + cut + zone);
});
const plainDate = isoText.map((text) => new PlainDate(text.slice(0, 10)));
const plainTime = fc.tuple(instant, offset).map(([ms, zone]) => {
  const clock = new Date(((ms % millisecondsPerDay) + millisecondsPerDay) % millisecondsPerDay).toISOString();
  return new PlainTime(clock.slice(11, 19) + zone);
});
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, point]) => new Decimal(point === 0 ? `${digits}` : `${digits}.${"5".repeat(point)}`));
const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const beyondSafe = fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n });
const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "", "1"));

/** Values without parts that JSON has a form for. */
const jsonLeaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false),
  // Negative zero is an integer to JSON and a float to pickles.
  number.map((value) => (value === 0 ? 0 : value)),
  beyondSafe,
  beyondSafe.map((value) => -value),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.uint8Array(),
  dateTime,
  plainDate,
  plainTime,
  decimal,
  fc.uuid().map((text) => new Uuid(text)),
);

/** Values that JSON has a form for. */
export function jsonTree(): fc.Arbitrary<unknown> {
  return treeOf(jsonLeaf, (tie) => [fc.array(tie), fc.dictionary(key, tie)]);
}

/** Values of every kind that a pickle holds. */
export function pickleTree(): fc.Arbitrary<unknown> {
  const timeDelta = fc
    .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer(), fc.integer())
    .map(([days, seconds, micros]) => new TimeDelta(days, seconds, micros));
  const hashed = fc.oneof(fc.integer(), fc.string(), fc.uint8Array(), decimal);
  const leaf = fc.oneof(jsonLeaf, timeDelta, fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, -0));
  return treeOf(leaf, (tie) => [
    fc.array(tie),
    fc.dictionary(key, tie),
    fc.array(fc.oneof(hashed, fc.array(hashed))).map((items) => new Set(items)),
    fc.array(fc.tuple(fc.uint8Array(), tie), { minLength: 1 }).map((entries) => new Map(entries)),
  ]);
}

function treeOf(
  leaf: fc.Arbitrary<unknown>,
  branches: (tie: fc.Arbitrary<unknown>) => readonly fc.Arbitrary<unknown>[],
): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, ...branches(tie("value"))),
  })).value;
}
