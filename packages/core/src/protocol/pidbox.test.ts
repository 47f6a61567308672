import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../errors/index.js";
import { encodeUtf8 } from "./bytes.js";
import type { Message } from "./message.js";
import { compileGlob, compileRegular } from "./name-pattern.js";
import {
  type ControlRequest,
  decodeControlReply,
  decodeControlRequest,
  encodeControlReply,
  encodeControlRequest,
  matchesNode,
} from "./pidbox.js";

const everyone: ControlRequest = { method: "ping", arguments: {}, destination: null, pattern: null, matcher: null };

function bodyMessage(body: unknown, headers: Message["headers"] = {}): Message {
  const bytes = encodeUtf8(JSON.stringify(body));
  return { body: bytes, contentType: "application/json", contentEncoding: "utf-8", headers, properties: {} };
}

describe("requests", () => {
  it("keep every member", () => {
    const request: ControlRequest = {
      method: "revoke",
      arguments: { task_id: ["a"], __proto__x: 1 },
      destination: ["w1@h"],
      pattern: "w*",
      matcher: "glob",
      ticket: "t",
      replyTo: { exchange: "reply.celery.pidbox", routingKey: "oid" },
    };
    const message = encodeControlRequest(request, { clock: 3, expires: 1.5 });
    expect(message.headers).toEqual({ clock: 3, expires: 1.5 });
    expect(decodeControlRequest(message)).toEqual({ ...request, clock: 3 });
  });

  it("have neither ticket nor reply address when nobody waits", () => {
    const text = new TextDecoder().decode(encodeControlRequest(everyone, { clock: 0, expires: 0 }).body);
    expect(text).toBe('{"method":"ping","arguments":{},"destination":null,"pattern":null,"matcher":null}');
    expect(decodeControlRequest(bodyMessage({ method: "ping" }))).toEqual({ ...everyone, clock: 0 });
  });

  it.each<[string, unknown]>([
    ["no object", []],
    ["no method", {}],
    ["a method that is no text", { method: {} }],
    ["a method with control characters", { method: "a\nb" }],
    ["arguments as a list", { method: "ping", arguments: [] }],
    ["a destination that is one text", { method: "ping", destination: "w1@h" }],
    ["destinations that are no texts", { method: "ping", destination: [1] }],
    ["too many destinations", { method: "ping", destination: Array.from({ length: 10_001 }, () => "w") }],
    ["an unknown matcher", { method: "ping", pattern: "x", matcher: "sql" }],
    ["a pattern that is no text", { method: "ping", pattern: 1, matcher: "glob" }],
    ["a pattern too long", { method: "ping", pattern: "*".repeat(257), matcher: "glob" }],
    ["a pattern with groups", { method: "ping", pattern: "(a+)+$", matcher: "pcre" }],
    ["a reply to another exchange", { method: "ping", reply_to: { exchange: "payments", routing_key: "x" } }],
    ["a reply without routing key", { method: "ping", reply_to: { exchange: "reply.celery.pidbox" } }],
    ["a ticket that is no text", { method: "ping", ticket: 1 }],
  ])("are refused with %s", (_name, body) => {
    expect(() => decodeControlRequest(bodyMessage(body))).toThrow(expect.objectContaining({ code: "E_SHAPE" }));
  });

  it("are read as JSON only, up to 1 MiB, and a wild clock counts as none", () => {
    expect(() => decodeControlRequest({ ...bodyMessage({}), contentType: "application/data" })).toThrow("not as");
    const large = bodyMessage({ method: "ping", arguments: { x: "x".repeat(1024 * 1024) } });
    expect(() => decodeControlRequest(large)).toThrow(expect.objectContaining({ code: "E_BODY" }));
    for (const clock of [2 ** 64, -1, 1.5, "9", null]) {
      expect(decodeControlRequest(bodyMessage({ method: "ping" }, { clock })).clock).toBe(0);
    }
  });

  it("may use another namespace", () => {
    const replyTo = { exchange: "reply.shop.pidbox", routingKey: "x" };
    const message = encodeControlRequest({ ...everyone, replyTo }, { clock: 0, expires: 0 });
    expect(decodeControlRequest(message, { namespace: "shop" }).replyTo).toEqual(replyTo);
    expect(() => decodeControlRequest(message)).toThrow("reply.celery.pidbox");
  });

  it("throw nothing but DecodeError on any body", () => {
    const anyMember = fc.record(
      {
        method: fc.jsonValue(),
        arguments: fc.jsonValue(),
        destination: fc.jsonValue(),
        pattern: fc.string(),
        matcher: fc.constantFrom("glob", "pcre"),
        reply_to: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anyMember), (body) => {
        for (const decode of [decodeControlRequest, decodeControlReply]) {
          try {
            decode(bodyMessage(body));
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
    );
  });
});

describe("matchesNode", () => {
  it("goes by destination, else by pattern, else everyone is meant", () => {
    expect(matchesNode(everyone, "w1@h")).toBe(true);
    expect(matchesNode({ ...everyone, destination: [] }, "w1@h")).toBe(true);
    expect(matchesNode({ ...everyone, destination: ["w1@h"], pattern: "x", matcher: "glob" }, "w1@h")).toBe(true);
    expect(matchesNode({ ...everyone, destination: ["w2@h"], pattern: "*", matcher: "glob" }, "w1@h")).toBe(false);
    expect(matchesNode({ ...everyone, pattern: "w?@*", matcher: "glob" }, "w1@h")).toBe(true);
    expect(matchesNode({ ...everyone, pattern: "w[2-9]@h", matcher: "glob" }, "w1@h")).toBe(false);
    expect(matchesNode({ ...everyone, pattern: "w", matcher: "pcre" }, "w1@h")).toBe(true);
    expect(matchesNode({ ...everyone, pattern: "w", matcher: null }, "x")).toBe(true);
  });
});

describe("replies", () => {
  it("keep node, reply, ticket and clock", () => {
    const message = encodeControlReply("__proto__", { ok: "pong" }, { ticket: "t", clock: 4 });
    expect(decodeControlReply(message)).toEqual({
      ticket: "t",
      clock: 4,
      replies: new Map([["__proto__", { ok: "pong" }]]),
    });
    expect(message.properties.delivery_mode).toBe(1);
  });
});

describe("name patterns", () => {
  it.each([
    ["*@host", "w1@host", true],
    ["*@host", "w1@host2", false],
    ["w[!1]@*", "w2@h", true],
    ["w[!1]@*", "w1@h", false],
    ["[]]x", "]x", true],
    ["a[b", "a[b", true],
    ["", "", true],
    ["?", "", false],
  ])("glob %s on %s is %s", (pattern, name, expected) => {
    expect(compileGlob(pattern)(name)).toBe(expected);
  });

  it("regular patterns of the safe subset agree with the engine's own", () => {
    const atom = fc.constantFrom("a", "b", "@", ".", "\\.", "\\d", "\\w", "[ab]", "[^a]", "[a-c1]", "[\\d.]");
    const part = fc
      .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "*?", "+?"))
      .map(([text, times]) => text + times);
    const branch = fc.tuple(fc.constantFrom("", "^"), fc.array(part, { maxLength: 6 }), fc.constantFrom("", "$"));
    const pattern = fc.array(
      branch.map(([start, parts, end]) => start + parts.join("") + end),
      { minLength: 1, maxLength: 3 },
    );
    const name = fc.array(fc.constantFrom(..."abc1@.x"), { maxLength: 8 }).map((letters) => letters.join(""));
    fc.assert(
      fc.property(
        pattern.map((branches) => branches.join("|")),
        name,
        (text, node) => {
          expect(compileRegular(text)(node)).toBe(new RegExp(`^(?:${text})`).test(node));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each(["(a)", "a{2}", "a|(b)", "\\b", "\\1", "(?=a)", "*a", "a**", "[a", "a$b", "\\"])(
    "refuses %s as pcre",
    (pattern) => {
      expect(() => compileRegular(pattern)).toThrow(RangeError);
    },
  );

  it("stay fast on patterns made to explode", () => {
    const startedAt = performance.now();
    expect(compileGlob("*a".repeat(128))(`${"a".repeat(200)}b`)).toBe(false);
    expect(compileRegular(`${"a*".repeat(120)}$`)(`${"a".repeat(200)}b`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
