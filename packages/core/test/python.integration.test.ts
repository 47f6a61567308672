import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EncodeError, MaxRetriesExceededError, SoftTimeLimitExceeded, TimeLimitExceeded } from "../src/errors/index.js";
import { decodeBase64 } from "../src/protocol/bytes.js";
import {
  createCompressions,
  DateTime,
  Decimal,
  decodeJson,
  encodeEnvelope,
  encodeException,
  encodeJson,
  encodeResultMeta,
  encodeTask,
  type OutgoingTask,
  PlainDate,
  PlainTime,
  pythonRepr,
  pythonTupleRepr,
  Uuid,
} from "../src/protocol/index.js";

const python = process.env.CELERIAC_PYTHON;
const isPresent = python !== undefined && existsSync(python);
if (!isPresent) {
  const reason = "CELERIAC_PYTHON does not name a Python with celery installed";
  if (process.env.CI === "true") throw new Error(reason);
  process.stderr.write(`python.integration.test.ts skipped: ${reason}\n`);
}

/** Answers of real Python to commands of `python.py`, in order. */
function ask<Answer>(name: string, values: readonly unknown[]): readonly Answer[] {
  const script = fileURLToPath(new URL("./python.py", import.meta.url));
  const input = JSON.stringify(values.map((value) => [name, value]));
  const output = execFileSync(python ?? "", [script], { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(output) as readonly Answer[];
}

interface ReadEnvelope {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly delivery_info: Readonly<Record<string, unknown>>;
  readonly reply_to: string;
  readonly correlation_id: string;
  readonly args: string;
  readonly kwargs: string;
  readonly embed: unknown;
}

describe.skipIf(!isPresent)("Python reads what we write", () => {
  const task: OutgoingTask = {
    id: "d6671be0-8a32-400e-8418-b82d12538f50",
    task: "shop.pay",
    args: [2, "é😀\u0000\ud800", 12345678901234567890n, null, [true, 1.5]],
    kwargs: { when: new DateTime("2024-02-29T12:34:56.789012+02:00"), price: new Decimal("3.140") },
    eta: "2037-05-17T08:30:15.123456+00:00",
    headers: { "x-trace": { big: 2n ** 70n } },
    replyTo: "oid",
    priority: 5,
  };
  const info = { exchange: "", routingKey: "celery", deliveryTag: "t" };
  const compressions = createCompressions();

  it("envelopes, plain and compressed", () => {
    const texts = [
      encodeEnvelope(encodeTask(task), info),
      encodeEnvelope(encodeTask(task, { compression: compressions.byName("gzip") }), info),
    ];
    const [plain, compressed] = ask<ReadEnvelope>("envelope", texts);
    expect(plain).toMatchObject({
      args: "[2, 'é😀\\x00\\ud800', 12345678901234567890, None, [True, 1.5]]",
      kwargs:
        "{'when': datetime.datetime(2024, 2, 29, 12, 34, 56, 789012, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200))), " +
        "'price': Decimal('3.140')}",
      embed: { callbacks: null, errbacks: null, chain: null, chord: null },
      delivery_info: { exchange: "", routing_key: "celery" },
      reply_to: "oid",
      correlation_id: task.id,
    });
    expect(plain?.headers).toMatchObject({ task: "shop.pay", id: task.id, eta: task.eta, timelimit: [null, null] });
    const { headers: plainHeaders, ...plainRest } = plain ?? { headers: {} };
    const { headers, ...rest } = compressed ?? { headers: {} };
    expect(rest).toEqual(plainRest);
    expect({ ...headers, compression: undefined }).toEqual({ ...plainHeaders, compression: undefined });
  });

  it("typed values, and gives them back unchanged", () => {
    const values: readonly (readonly [unknown, string])[] = [
      [new Date(1_500), "datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc)"],
      [new DateTime("2024-02-29T12:34:56"), "datetime.datetime(2024, 2, 29, 12, 34, 56)"],
      [new PlainDate("2024-02-29"), "datetime.date(2024, 2, 29)"],
      [new PlainTime("12:34:56.789012"), "datetime.time(12, 34, 56, 789012)"],
      [new Decimal("1234567890.0123456789"), "Decimal('1234567890.0123456789')"],
      [new Uuid("12345678-1234-5678-1234-567812345678"), "UUID('12345678-1234-5678-1234-567812345678')"],
      [new TextEncoder().encode("café"), "b'caf\\xc3\\xa9'"],
      [new Uint8Array([0, 255, 254]), "b'\\x00\\xff\\xfe'"],
      [2n ** 80n, "1208925819614629174706176"],
      [1e17, "1e+17"],
    ];
    const answers = ask<{ repr: string; again: string }>(
      "value",
      values.map(([value]) => encodeJson(value)),
    );
    expect(answers.map(({ repr }) => repr)).toEqual(values.map(([, repr]) => repr));
    for (const [index, [value]] of values.entries()) {
      expect(encodeJson(decodeJson(answers[index]?.again ?? ""))).toBe(encodeJson(value));
    }
  });

  it("exceptions: its own stay themselves, foreign ones are invented, and none is a security error", () => {
    const named = (name: string): Error => Object.assign(new Error("boom"), { name });
    const errors: readonly (readonly [unknown, string, string])[] = [
      [named("ValueError"), "ValueError", "builtins"],
      [named("ZeroDivisionError"), "ZeroDivisionError", "builtins"],
      [new TypeError("boom"), "TypeError", "builtins"],
      [named("ShopClosed"), "ShopClosed", "celery.exceptions"],
      [new RangeError("boom"), "RangeError", "celery.exceptions"],
      [named("SystemExit"), "SystemExit", "celery.exceptions"],
      [named("os.system"), "os.system", "celery.exceptions"],
      [named("sys"), "sys", "celery.exceptions"],
      [named("a b\u0000"), "a_b_", "celery.exceptions"],
      ["thrown text", "Error", "celery.exceptions"],
      [new MaxRetriesExceededError("boom"), "MaxRetriesExceededError", "celery.exceptions"],
      [new TimeLimitExceeded(5), "TimeLimitExceeded", "billiard.exceptions"],
      [new SoftTimeLimitExceeded(5), "SoftTimeLimitExceeded", "billiard.exceptions"],
      [new EncodeError("boom"), "EncodeError", "kombu.exceptions"],
    ];
    const answers = ask<{ type: string; module: string; isException: boolean }>(
      "exception",
      errors.map(([error]) => encodeJson(encodeException(error))),
    );
    expect(answers.map(({ type, module }) => [type, module])).toEqual(errors.map(([, type, module]) => [type, module]));
    expect(answers.every(({ isException }) => isException)).toBe(true);
  });

  it("result documents", () => {
    const base = { taskId: "a", traceback: null, children: [], dateDoneMs: 0 } as const;
    const failure = encodeJson(encodeException(Object.assign(new Error("boom"), { name: "KeyError" })));
    const answers = ask<{ status: string; result: string; date_done: string }>("meta", [
      encodeResultMeta({ ...base, status: "SUCCESS", result: encodeJson({ at: new PlainDate("2024-02-29") }) }),
      encodeResultMeta({ ...base, status: "FAILURE", result: failure, traceback: "line\n", dateDoneMs: 1 }),
    ]);
    expect(answers).toMatchObject([
      { status: "SUCCESS", result: "{'at': datetime.date(2024, 2, 29)}", date_done: "'1970-01-01T00:00:00+00:00'" },
      { status: "FAILURE", result: "KeyError('boom')", date_done: "'1970-01-01T00:00:00.001000+00:00'" },
    ]);
  });

  it("reprs are those of Python", () => {
    const corpus: readonly unknown[] = [
      [],
      {},
      "",
      "it's",
      'say "hi"',
      'it\'s "both"',
      "tab\tnew\nline\r\u0000\u001b[31m",
      "\u00a0\u00ad\u200b\u2028\ufeff\ue000",
      "é日本😀\u{e0001}",
      "\\",
      0,
      -1,
      1.5,
      -2.25,
      0.1,
      1e-4,
      1e-5,
      1.5e-7,
      123456789.125,
      1e15,
      1e16,
      2 ** 53,
      1e22,
      1.7976931348623157e308,
      5e-324,
      true,
      false,
      null,
      [1, [2, ["x", null]]],
      { a: { b: [1] }, "k'": "v" },
      10n ** 30n,
      new Uint8Array([39, 34, 92, 10, 127, 200]),
      new Date(0),
      new Date(Date.UTC(2024, 1, 29, 1, 2, 3, 4)),
      new DateTime("2024-01-01T00:00:00-05:30"),
      new PlainTime("01:02:03+01:00"),
      new PlainTime("00:00:00"),
      new Decimal("-1E+5"),
      new Uuid("12345678123456781234567812345678"),
    ];
    const answers = ask<{ repr: string; saferepr: string }>(
      "value",
      corpus.map((value) => encodeJson(value)),
    );
    expect(corpus.map((value) => pythonRepr(value))).toEqual(answers.map(({ repr }) => repr));
  });

  it("reprs leave out what Celery's own leave out", () => {
    const corpus: readonly unknown[] = [[[[[1], { a: 1 }], {}]], { a: { b: { c: { d: 1 } } } }, [[[[]]]]];
    const answers = ask<{ saferepr: string }>(
      "value",
      corpus.map((value) => encodeJson(value)),
    );
    expect(corpus.map((value) => pythonRepr(value))).toEqual(answers.map(({ saferepr }) => saferepr));
    expect(pythonTupleRepr(["a"])).toBe("('a',)");
  });

  it("we read what Python compresses", () => {
    const [bodies = {}] = ask<Record<string, string>>("bytes", [["gzip", "zlib"]]);
    for (const name of ["gzip", "zlib"]) {
      const inflated = compressions
        .byName(name)
        .decompress(decodeBase64(bodies[name] ?? "") ?? new Uint8Array(), 1_000);
      expect(new TextDecoder().decode(inflated)).toBe("hello".repeat(100));
    }
  });
});
