import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TaskError } from "@celeriac/core/errors";
import type { ResultTuple } from "@celeriac/core/ports";
import { DateTime, Decimal, decodeJson, encodeJson, PlainDate, PlainTime, Uuid } from "@celeriac/core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readGroupPickle, readPickle, TimeDelta, writeGroupPickle, writePickle } from "../src/index.js";
import { jsonTree } from "./arbitrary.js";

const python = process.env.CELERIAC_PYTHON;
const isPresent = python !== undefined && existsSync(python);
if (!isPresent) {
  const reason = "CELERIAC_PYTHON does not name a Python with celery installed";
  if (process.env.CI === "true") throw new Error(reason);
  process.stderr.write(`python.integration.test.ts skipped: ${reason}\n`);
}

/** Answers of one real Python process to one command for many pickles. */
function ask<Answer>(command: string, pickles: readonly Uint8Array[]): readonly Answer[] {
  const script = fileURLToPath(new URL("./peer.py", import.meta.url));
  const input = JSON.stringify(pickles.map((pickle) => [command, Buffer.from(pickle).toString("base64")]));
  const output = execFileSync(python ?? "", [script], { input, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  return JSON.parse(output) as readonly Answer[];
}

interface Read {
  readonly repr: string;
  readonly again: readonly string[];
}

describe.skipIf(!isPresent)("Python reads what we write", () => {
  const values: readonly (readonly [unknown, string])[] = [
    [null, "None"],
    [[true, false, undefined], "[True, False, None]"],
    [
      [0, 255, 256, 65_535, 65_536, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1],
      "[0, 255, 256, 65535, 65536, -1, 2147483647, 2147483648, -2147483648, -2147483649]",
    ],
    [
      [2 ** 53 - 1, 2n ** 63n, -(2n ** 63n), 127n, 128n, -128n, -129n, 0n],
      "[9007199254740991, 9223372036854775808, -9223372036854775808, 127, 128, -128, -129, 0]",
    ],
    [2n ** 2100n, (2n ** 2100n).toString()],
    [[1.5, 2 ** 53, -0, Number.NaN, Number.POSITIVE_INFINITY], "[1.5, 9007199254740992.0, -0.0, nan, inf]"],
    ["é😀\u0000\ud800", "'é😀\\x00\\ud800'"],
    [new Uint8Array([0, 255]), "b'\\x00\\xff'"],
    [new Date(1_500), "datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc)"],
    [new DateTime("2024-02-29T12:34:56.789012"), "datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)"],
    [
      new DateTime("0001-01-01T00:00:00-03:30"),
      "datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=73800)))",
    ],
    [new PlainDate("9999-12-31"), "datetime.date(9999, 12, 31)"],
    [new PlainTime("12:34:56.000001"), "datetime.time(12, 34, 56, 1)"],
    [new PlainTime("23:59+02:00"), "datetime.time(23, 59, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))"],
    [new TimeDelta(-1, 2, 3), "datetime.timedelta(days=-1, seconds=2, microseconds=3)"],
    [new Decimal("3.140"), "Decimal('3.140')"],
    [new Uuid("12345678-1234-5678-1234-567812345678"), "UUID('12345678-1234-5678-1234-567812345678')"],
    [new Set(["a"]), "{'a'}"],
    [new Set([new Set([1])]), "{frozenset({1})}"],
    [
      new Map<unknown, unknown>([
        [[1, ["a"]], 1],
        [2, [3]],
        [new Set(), null],
      ]),
      "{(1, ('a',)): 1, 2: [3], frozenset(): None}",
    ],
    [{ a: 1, gone: undefined, ["__proto__"]: { b: 2 } }, "{'a': 1, '__proto__': {'b': 2}}"],
    [
      Array.from({ length: 1001 }, (_, index) => index % 2),
      `[${Array.from({ length: 1001 }, (_, i) => i % 2).join(", ")}]`,
    ],
    [[{ key: 1 }, { key: 2 }], "[{'key': 1}, {'key': 2}]"],
  ];

  it("every kind of value, and we read what it pickles of them", () => {
    const answers = ask<Read>(
      "read",
      values.map(([value]) => writePickle(value)),
    );
    expect(answers.map(({ repr }) => repr)).toEqual(values.map(([, repr]) => repr));
    for (const [index, { again }] of answers.entries()) {
      const ours = readPickle(writePickle(values[index]?.[0]));
      for (const pickle of again) expect(readPickle(Buffer.from(pickle, "base64"))).toEqual(ours);
    }
  });

  it("a thousand random values, as kombu reads their JSON", () => {
    const trees = fc.sample(jsonTree(), { numRuns: 1_000, seed: 5 });
    const answers = ask<{ json: string; again: readonly string[] }>(
      "json",
      trees.map((tree) => writePickle(tree)),
    );
    for (const [index, { json, again }] of answers.entries()) {
      const expected = encodeJson(decodeJson(encodeJson(trees[index])));
      expect(encodeJson(decodeJson(json))).toBe(expected);
      for (const pickle of again) expect(encodeJson(readPickle(Buffer.from(pickle, "base64")))).toBe(expected);
    }
  });

  it("an error, as the exception that Celery makes of it", () => {
    const failure = { type: "OrderError", module: "shop.errors", args: [7, "out"], traceback: null, taskId: "t" };
    const errors = [new TypeError("bad"), new RangeError("far"), new TaskError(failure)];
    expect(
      ask(
        "failure",
        errors.map((error) => writePickle(error)),
      ),
    ).toEqual([
      { type: "TypeError", module: "builtins", args: "('bad',)" },
      { type: "RangeError", module: "celery.exceptions", args: "('far',)" },
      { type: "OrderError", module: "celery.exceptions", args: "(7, 'out')" },
    ]);
  });

  it("a saved group, and we read what it pickles of it", () => {
    const parent: ResultTuple = [["p", [["root", null], null]], null];
    const groups: readonly ResultTuple[] = [
      [
        ["g", null],
        [
          [["a", null], null],
          [["b", parent], null],
        ],
      ],
      [["empty", null], []],
      [["outer", null], [[["inner", null], [[["c", null], null]]]]],
    ];
    const answers = ask<{ type: string; tuple: unknown; again: string }>("group", groups.map(writeGroupPickle));
    expect(answers.map(({ tuple }) => tuple)).toEqual(groups);
    expect(answers.map(({ type }) => type)).toEqual(["GroupResult", "GroupResult", "GroupResult"]);
    for (const [index, { again }] of answers.entries()) {
      expect(readGroupPickle(Buffer.from(again, "base64"))).toEqual(groups[index]);
    }
  });
});
