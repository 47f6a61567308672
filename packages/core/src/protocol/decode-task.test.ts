import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../errors/index.js";
import { encodeUtf8 } from "./bytes.js";
import { createCompressions } from "./compression.js";
import { type DecodeTaskOptions, decodeTask } from "./decode-task.js";
import type { Message } from "./message.js";
import { peekTask } from "./peek-task.js";
import { createSerializers } from "./serializer.js";

const serializers = createSerializers();
const options: DecodeTaskOptions = {
  serializers,
  compressions: createCompressions(),
  acceptContent: serializers.accept(["json"]),
  nowMs: Date.parse("2026-01-01T00:00:00Z"),
};
const signature = { task: "t", args: [1], kwargs: {}, options: {}, subtask_type: null, immutable: false };

interface Changes {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly contentType?: string;
}

function messageWith({ headers, properties, body = [[], {}, null], bytes, contentType }: Changes): Message {
  return {
    body: bytes ?? encodeUtf8(JSON.stringify(body)),
    contentType: contentType ?? "application/json",
    contentEncoding: "utf-8",
    headers: { task: "t", id: "a", ...headers },
    properties: { ...properties },
  };
}

describe("decodeTask", () => {
  it("fills in what a minimal message leaves out", () => {
    const message = messageWith({});
    expect(decodeTask(message, options)).toEqual({
      id: "a",
      task: "t",
      args: [],
      kwargs: {},
      embed: { callbacks: null, errbacks: null, chain: null, chord: null },
      etaMs: undefined,
      expiresMs: undefined,
      expires: null,
      retries: 0,
      timeLimits: [null, null],
      group: null,
      groupIndex: null,
      rootId: "a",
      parentId: null,
      shadow: null,
      origin: null,
      ignoreResult: false,
      replacedTaskNesting: 0,
      stampedHeaders: null,
      stamps: {},
      argsrepr: null,
      kwargsrepr: null,
      replyTo: null,
      correlationId: "a",
      priority: null,
      headers: {},
      protocol: 2,
      message,
    });
  });

  it("reads times, numbers in text, stamps and custom headers", () => {
    const headers = {
      eta: "2026-01-01T00:00:10Z",
      expires: "2025-01-01T00:00:00",
      retries: "3",
      timelimit: [10, 5.5],
      ignore_result: 1,
      stamped_headers: ["tenant"],
      stamps: { tenant: "acme" },
      redelivered: true,
      "x-custom": { a: 1 },
    };
    expect(decodeTask(messageWith({ headers, properties: { priority: "9", reply_to: "oid" } }), options)).toMatchObject(
      {
        etaMs: options.nowMs + 10_000,
        expiresMs: Date.parse("2025-01-01T00:00:00Z"),
        expires: "2025-01-01T00:00:00",
        retries: 3,
        timeLimits: [10, 5.5],
        ignoreResult: true,
        stampedHeaders: ["tenant"],
        stamps: { tenant: "acme" },
        headers: { "x-custom": { a: 1 } },
        priority: 9,
        replyTo: "oid",
      },
    );
  });

  it("cuts a huge argsrepr and takes one of another type for none", () => {
    const request = decodeTask(messageWith({ headers: { argsrepr: "x".repeat(100_000), kwargsrepr: 1 } }), options);
    expect(request.argsrepr).toHaveLength(1027);
    expect(request.kwargsrepr).toBeNull();
  });

  const longName = "n".repeat(1_025);
  const manyHeaders = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`h${index}`, 1]));
  const manyLinks = Array.from({ length: 10_001 }, () => signature);

  it.each<[string, Changes, string]>([
    ["task null", { headers: { task: null } }, "E_HEADER"],
    ["task number", { headers: { task: 1 } }, "E_HEADER"],
    ["task empty", { headers: { task: "" } }, "E_HEADER"],
    ["id null", { headers: { id: null } }, "E_HEADER"],
    ["id object", { headers: { id: {} } }, "E_HEADER"],
    ["id with a control character", { headers: { id: "a\nb" } }, "E_HEADER"],
    ["id of 256 bytes", { headers: { id: "é".repeat(128) } }, "E_HEADER"],
    ["group with a control character", { headers: { group: "\u0000" } }, "E_HEADER"],
    ["root_id number", { headers: { root_id: 1 } }, "E_HEADER"],
    ["parent_id list", { headers: { parent_id: [] } }, "E_HEADER"],
    ["group_index negative", { headers: { group_index: -1 } }, "E_HEADER"],
    ["retries text", { headers: { retries: "many" } }, "E_HEADER"],
    ["retries negative", { headers: { retries: -1 } }, "E_HEADER"],
    ["retries fraction", { headers: { retries: 1.5 } }, "E_HEADER"],
    ["retries 1e9", { headers: { retries: 1e9 } }, "E_HEADER"],
    ["timelimit text", { headers: { timelimit: "10" } }, "E_HEADER"],
    ["timelimit of one", { headers: { timelimit: [1] } }, "E_HEADER"],
    ["timelimit NaN", { headers: { timelimit: [Number.NaN, null] } }, "E_HEADER"],
    ["timelimit negative", { headers: { timelimit: [-1, null] } }, "E_HEADER"],
    ["ignore_result text", { headers: { ignore_result: "yes" } }, "E_HEADER"],
    ["stamped_headers number", { headers: { stamped_headers: 1 } }, "E_HEADER"],
    ["stamped_headers of numbers", { headers: { stamped_headers: [1] } }, "E_HEADER"],
    ["stamps list", { headers: { stamps: [] } }, "E_HEADER"],
    ["shadow number", { headers: { shadow: 1 } }, "E_HEADER"],
    ["eta garbage", { headers: { eta: "soon" } }, "E_HEADER"],
    ["eta number", { headers: { eta: 1 } }, "E_HEADER"],
    ["eta year -1", { headers: { eta: "-0001-01-01T00:00:00" } }, "E_HEADER"],
    ["eta leap second", { headers: { eta: "2026-06-30T23:59:60Z" } }, "E_HEADER"],
    ["eta year 9999", { headers: { eta: "9999-12-31T23:59:59" } }, "E_ETA"],
    ["expires garbage", { headers: { expires: "x" } }, "E_HEADER"],
    ["priority text", { properties: { priority: "high" } }, "E_HEADER"],
    ["priority 256", { properties: { priority: 256 } }, "E_HEADER"],
    ["reply_to object", { properties: { reply_to: {} } }, "E_HEADER"],
    ["10,000 headers", { headers: manyHeaders }, "E_HEADER"],
    ["a header name of 1 KiB", { headers: { [longName]: 1 } }, "E_HEADER"],
    ["body of two", { body: [[], {}] }, "E_SHAPE"],
    ["body object", { body: { x: 1 } }, "E_SHAPE"],
    ["body number", { body: 1 }, "E_SHAPE"],
    ["args text", { body: ["abc", {}, null] }, "E_SHAPE"],
    ["args null", { body: [null, {}, null] }, "E_SHAPE"],
    ["kwargs list", { body: [[], [], null] }, "E_SHAPE"],
    ["kwargs null", { body: [[], null, null] }, "E_SHAPE"],
    ["embed list", { body: [[], {}, []] }, "E_SHAPE"],
    ["no JSON", { bytes: encodeUtf8("{") }, "E_BODY"],
    ["bad UTF-8", { bytes: new Uint8Array([0xff]) }, "E_BODY"],
    ["depth 100,000", { bytes: encodeUtf8("[".repeat(100_000)) }, "E_BODY"],
    ["unknown typed value", { body: [[{ __type__: "x", __value__: 1 }], {}, null] }, "E_BODY"],
    ["pickle", { contentType: "application/x-python-serialize" }, "E_CONTENT_TYPE"],
    ["yaml", { contentType: "application/x-yaml" }, "E_CONTENT_TYPE"],
    ["application/data, which Celery trusts", { contentType: "application/data" }, "E_CONTENT_TYPE"],
    ["text/plain, which Celery trusts", { contentType: "text/plain" }, "E_CONTENT_TYPE"],
    ["no content type", { contentType: "" }, "E_CONTENT_TYPE"],
    ["an unknown compression", { headers: { compression: "application/x-bz2" } }, "E_COMPRESSION"],
    ["a compression that is no text", { headers: { compression: 1 } }, "E_COMPRESSION"],
    ["a corrupt compression", { headers: { compression: "zlib" } }, "E_COMPRESSION"],
    ["callbacks number", { body: [[], {}, { callbacks: 1 }] }, "E_CANVAS"],
    ["a callback without task", { body: [[], {}, { callbacks: [{}] }] }, "E_CANVAS"],
    ["errbacks with args text", { body: [[], {}, { errbacks: [{ ...signature, args: "x" }] }] }, "E_CANVAS"],
    ["chain with kwargs list", { body: [[], {}, { chain: [{ ...signature, kwargs: [] }] }] }, "E_CANVAS"],
    ["chord text", { body: [[], {}, { chord: "x" }] }, "E_CANVAS"],
    [
      "a nested link that is malformed",
      { body: [[], {}, { chain: [{ ...signature, options: { link: [1] } }] }] },
      "E_CANVAS",
    ],
    [
      "a nested errback that is malformed",
      { body: [[], {}, { chord: { ...signature, options: { link_error: [{}] } } }] },
      "E_CANVAS",
    ],
    [
      "a nested chord that is malformed",
      { body: [[], {}, { chain: [{ ...signature, options: { chord: 1 } }] }] },
      "E_CANVAS",
    ],
    [
      "a group with a malformed member",
      { body: [[], {}, { chain: [{ ...signature, subtask_type: "group", kwargs: { tasks: [1] } }] }] },
      "E_CANVAS",
    ],
    [
      "a chord without header",
      { body: [[], {}, { chain: [{ ...signature, subtask_type: "chord", kwargs: { body: signature } }] }] },
      "E_CANVAS",
    ],
    [
      "a chord with a malformed body",
      { body: [[], {}, { chain: [{ ...signature, subtask_type: "chord", kwargs: { header: [], body: 1 } }] }] },
      "E_CANVAS",
    ],
    ["a group without tasks", { body: [[], {}, { chain: [{ ...signature, subtask_type: "group" }] }] }, "E_CANVAS"],
    ["10,001 links", { body: [[], {}, { callbacks: manyLinks }] }, "E_CANVAS"],
  ])("refuses %s", (_name, changes, code) => {
    expect(codeOf(() => decodeTask(messageWith(changes), options))).toBe(code);
  });

  it("says which header has which value and what it must be", () => {
    expect(() => decodeTask(messageWith({ headers: { retries: "many" } }), options)).toThrow(
      'The header "retries" is "many"; it must be a whole number from 0 to 1000000.',
    );
    expect(() => decodeTask(messageWith({ headers: { id: "a\u001b[2J" } }), options)).toThrow('is "a\\u001b[2J"');
  });

  it("needs a task header or a body of protocol 1", () => {
    const { task: _task, ...headers } = messageWith({}).headers;
    expect(codeOf(() => decodeTask({ ...messageWith({ body: [1] }), headers }, options))).toBe("E_PROTOCOL");
    expect(codeOf(() => decodeTask({ ...messageWith({ body: { args: [] } }), headers: {} }, options))).toBe(
      "E_PROTOCOL",
    );
  });

  it("reads protocol 1, where taskset overrides group and args may be missing", () => {
    const body = {
      task: "t",
      id: "a",
      group: "g",
      taskset: "ts",
      eta: "2026-01-01T00:00:10",
      utc: true,
      callbacks: [signature],
    };
    expect(decodeTask({ ...messageWith({ body }), headers: { own: 1 } }, options)).toMatchObject({
      protocol: 1,
      args: [],
      kwargs: {},
      group: "ts",
      etaMs: options.nowMs + 10_000,
      embed: { callbacks: [signature] },
      headers: { own: 1 },
    });
  });

  it("asks for the local zone only for naive times of senders without UTC", () => {
    const fromLocalMs = (localMs: number): number => localMs - 3_600_000;
    const read = (eta: string, utc: boolean): number | undefined =>
      decodeTask(
        { ...messageWith({ body: { task: "t", id: "a", eta, utc } }), headers: {} },
        { ...options, fromLocalMs },
      ).etaMs;
    expect(read("2026-01-01T01:00:00", false)).toBe(options.nowMs);
    expect(read("2026-01-01T01:00:00", true)).toBe(options.nowMs + 3_600_000);
    expect(read("2026-01-01T01:00:00+00:00", false)).toBe(options.nowMs + 3_600_000);
  });

  it("reads the hybrid: fields of the body, updated by the headers", () => {
    const body = {
      task: "old",
      id: "old",
      args: [1],
      kwargs: { k: 2 },
      retries: 7,
      group: "g",
      errbacks: [signature],
      chain: [1],
    };
    expect(decodeTask(messageWith({ body, headers: { retries: 1 } }), options)).toMatchObject({
      task: "t",
      id: "a",
      args: [1],
      kwargs: { k: 2 },
      retries: 1,
      group: "g",
      embed: { errbacks: [signature], chain: null },
      protocol: 2,
    });
  });

  it("refuses a content type before it inflates anything", () => {
    const bomb = deflateSync(new Uint8Array(1_000));
    const message = messageWith({ bytes: bomb, contentType: "application/x-yaml", headers: { compression: "gzip" } });
    const compressions = { byName: createCompressions().byName, byHeader: () => expect.unreachable("inflated") };
    expect(codeOf(() => decodeTask(message, { ...options, compressions }))).toBe("E_CONTENT_TYPE");
  });

  it("caps the body before and after inflating", () => {
    const body = [["x".repeat(2_000)], {}, null];
    const capped = { ...options, maxBodyBytes: 1_000 };
    expect(codeOf(() => decodeTask(messageWith({ body }), capped))).toBe("E_BODY");
    const bytes = deflateSync(JSON.stringify(body));
    expect(bytes.length).toBeLessThan(1_000);
    expect(codeOf(() => decodeTask(messageWith({ bytes, headers: { compression: "zlib" } }), capped))).toBe(
      "E_COMPRESSION",
    );
    expect(decodeTask(messageWith({ bytes, headers: { compression: "zlib" } }), options).args).toEqual(body[0]);
  });

  it("allows an eta within the cap and any expiry", () => {
    const far = "2026-12-31T00:00:00+00:00";
    expect(decodeTask(messageWith({ headers: { eta: far } }), options).etaMs).toBe(Date.parse(far));
    expect(codeOf(() => decodeTask(messageWith({ headers: { eta: far } }), { ...options, maxEtaMs: 1 }))).toBe("E_ETA");
    expect(
      decodeTask(messageWith({ headers: { eta: "0001-01-01", expires: "9999-12-31" } }), options).etaMs,
    ).toBeLessThan(0);
  });

  it("completes signatures that leave members out and keeps the ones it does not know", () => {
    const body = [[], {}, { callbacks: { task: "t", chord_size: 2 }, chain: [] }];
    expect(decodeTask(messageWith({ body }), options).embed).toEqual({
      callbacks: [
        { task: "t", args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false, chord_size: 2 },
      ],
      errbacks: null,
      chain: [],
      chord: null,
    });
  });

  it("keeps hostile names in args, headers and stamps as own data", () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"toString":2}') as Record<string, unknown>;
    const headers = { ...hostile, stamps: hostile };
    const request = decodeTask(messageWith({ body: [[hostile], hostile, null], headers }), options);
    for (const value of [request.args[0], request.kwargs, request.stamps, request.headers]) {
      expect(Object.keys(value as object).sort()).toEqual(["__proto__", "constructor", "toString"]);
    }
    expect("polluted" in {}).toBe(false);
  });

  it("throws nothing but DecodeError on any message, and Object.prototype stays as it is", () => {
    const names = [
      "task",
      "id",
      "eta",
      "expires",
      "retries",
      "timelimit",
      "group",
      "root_id",
      "stamps",
      "stamped_headers",
      "compression",
      "__proto__",
    ];
    const members = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.jsonValue());
    const embed = fc.record(
      { callbacks: fc.jsonValue(), chain: fc.array(fc.jsonValue()), chord: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.uint8Array(),
      fc.jsonValue().map((value) => encodeUtf8(JSON.stringify(value))),
      fc.tuple(fc.array(fc.jsonValue()), members, embed).map((value) => encodeUtf8(JSON.stringify(value))),
    );
    const type = fc.constantFrom("application/json", "application/json", "application/data", "", "x");
    fc.assert(
      fc.property(body, members, members, type, (bytes, headers, properties, contentType) => {
        const message = { ...messageWith({ bytes, contentType, properties }), headers };
        for (const candidate of [message, messageWith({ bytes, headers, properties, contentType })]) {
          try {
            decodeTask(candidate, options);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
          peekTask(candidate);
        }
        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12);
      }),
      { numRuns: 500 },
    );
  });
});

describe("peekTask", () => {
  it("says what can be said of a message that could not be read", () => {
    expect(peekTask(messageWith({ bytes: encodeUtf8("{") }))).toEqual({ id: "a", task: "t" });
    expect(peekTask(messageWith({ headers: { id: "\n", task: 5 } }))).toEqual({});
    const legacy = { ...messageWith({ body: { task: "t", id: "b", args: 5 } }), headers: {} };
    expect(peekTask(legacy)).toEqual({ id: "b", task: "t" });
    expect(peekTask({ ...legacy, body: new Uint8Array([0xff]) })).toEqual({});
  });
});

function codeOf(run: () => unknown): string {
  try {
    run();
    return "ok";
  } catch (error) {
    return error instanceof DecodeError ? error.code : `not a DecodeError: ${String(error)}`;
  }
}
