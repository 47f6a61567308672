import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../errors/index.js";
import { encodeUtf8 } from "./bytes.js";
import { decodeEnvelope, encodeEnvelope, markRedelivered } from "./envelope.js";
import type { Message } from "./message.js";

const message: Message = {
  body: encodeUtf8("[[],{},{}]"),
  contentType: "application/json",
  contentEncoding: "utf-8",
  headers: { id: "a" },
  properties: {
    correlation_id: "a",
    reply_to: "",
    delivery_mode: 2,
    priority: 3,
    custom: { big: 12345678901234567890n },
  },
};
const info = { exchange: "x", routingKey: 'quote"d', deliveryTag: "t" };

describe("encodeEnvelope", () => {
  it("writes exactly kombu's members as valid JSON", () => {
    expect(JSON.parse(encodeEnvelope({ ...message, properties: { priority: 3, reply_to: "" } }, info))).toEqual({
      body: "W1tdLHt9LHt9XQ==",
      "content-encoding": "utf-8",
      "content-type": "application/json",
      headers: { id: "a" },
      properties: {
        reply_to: "",
        delivery_info: { exchange: "x", routing_key: 'quote"d' },
        priority: 3,
        body_encoding: "base64",
        delivery_tag: "t",
      },
    });
  });

  it("prefers the given priority, writes 0 when there is none, and leaves old transport properties out", () => {
    const stale: Message = {
      ...message,
      properties: { delivery_tag: "old", body_encoding: "utf-8", delivery_info: {}, x: undefined },
    };
    const properties = (text: string): unknown => (JSON.parse(text) as { properties: unknown }).properties;
    expect(properties(encodeEnvelope(stale, info))).toMatchObject({
      delivery_tag: "t",
      body_encoding: "base64",
      priority: 0,
    });
    expect(properties(encodeEnvelope(message, { ...info, priority: 9 }))).toMatchObject({ priority: 9 });
  });
});

describe("decodeEnvelope", () => {
  it("gives back what was encoded, from text and from bytes", () => {
    const text = encodeEnvelope(message, info);
    for (const raw of [text, encodeUtf8(text)]) {
      expect(decodeEnvelope(raw)).toEqual({
        message,
        exchange: "x",
        routingKey: 'quote"d',
        deliveryTag: "t",
        redelivered: false,
      });
    }
  });

  it("keeps any body, header and property", () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.uint8Array(), members, members, (body, headers, extra) => {
        const clean = JSON.parse(JSON.stringify([headers, extra])) as [object, object];
        const sent: Message = { ...message, body, headers: { ...clean[0] }, properties: { ...clean[1], priority: 1 } };
        const { delivery_info: _i, delivery_tag: _t, body_encoding: _b, ...properties } = sent.properties;
        const read = decodeEnvelope(encodeEnvelope(sent, info)).message;
        expect(Array.from(read.body)).toEqual(Array.from(body));
        expect(read.headers).toEqual(sent.headers);
        expect(read.properties).toEqual(properties);
      }),
    );
  });

  it("takes plain text bodies when the envelope says so or says nothing", () => {
    for (const encoding of ['"utf-8"', "null"]) {
      const raw = `{"body":"[\u00e9]","properties":{"body_encoding":${encoding}}}`;
      expect(new TextDecoder().decode(decodeEnvelope(raw).message.body)).toBe("[é]");
    }
  });

  it("fills in what old or foreign senders leave out", () => {
    expect(decodeEnvelope('{"body":"","headers":null}')).toEqual({
      message: { body: encodeUtf8(""), contentType: "", contentEncoding: "utf-8", headers: {}, properties: {} },
      exchange: "",
      routingKey: "",
      deliveryTag: "",
      redelivered: false,
    });
  });

  it("knows a redelivered message by either flag", () => {
    expect(decodeEnvelope('{"body":"","headers":{"redelivered":true}}').redelivered).toBe(true);
    expect(decodeEnvelope('{"body":"","properties":{"delivery_info":{"redelivered":true}}}').redelivered).toBe(true);
    expect(decodeEnvelope('{"body":"","headers":{"redelivered":false}}').redelivered).toBe(false);
  });

  it.each([
    ["nothing", "", "E_ENVELOPE"],
    ["no JSON", "x", "E_ENVELOPE"],
    ["null", "null", "E_ENVELOPE"],
    ["an array", "[]", "E_ENVELOPE"],
    ["a typed value", '{"__type__":"date","__value__":"2024-02-29"}', "E_ENVELOPE"],
    ["no body", "{}", "E_ENVELOPE"],
    ["headers of another type", '{"body":"","headers":[]}', "E_ENVELOPE"],
    ["properties of another type", '{"body":"","properties":1}', "E_ENVELOPE"],
    ["a content type that is no text", '{"body":"","content-type":1}', "E_ENVELOPE"],
    ["a body that is no text", '{"body":{}}', "E_BODY"],
    ["broken base64", '{"body":"A","properties":{"body_encoding":"base64"}}', "E_BODY"],
    ["an unknown body encoding", '{"body":"A","properties":{"body_encoding":"rot13"}}', "E_BODY"],
    ["a lone surrogate", '{"body":"\\ud800"}', "E_BODY"],
    ["invalid UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "E_ENVELOPE"],
  ])("refuses %s", (_name, raw, code) => {
    expect(() => decodeEnvelope(raw)).toThrow(expect.objectContaining({ code, constructor: DecodeError }));
  });

  it("throws nothing but DecodeError on any bytes and JSON", () => {
    const shape = fc.record(
      { body: fc.anything(), headers: fc.anything(), properties: fc.anything() },
      { requiredKeys: [] },
    );
    const raw = fc.oneof(
      fc.uint8Array(),
      fc.json(),
      shape.map((value) => safeText(value)),
    );
    fc.assert(
      fc.property(raw, (input) => {
        try {
          decodeEnvelope(input);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

describe("markRedelivered", () => {
  it("sets both flags and keeps everything else, exact integers included", () => {
    const marked = decodeEnvelope(markRedelivered(encodeEnvelope(message, info)));
    expect(marked).toEqual({
      message: { ...message, headers: { id: "a", redelivered: true } },
      exchange: "x",
      routingKey: 'quote"d',
      deliveryTag: "t",
      redelivered: true,
    });
  });

  it("leaves alone what is no envelope", () => {
    for (const raw of ["", "x", "[1]", '{"a":1}', '{"body":"","headers":1}']) expect(markRedelivered(raw)).toBe(raw);
  });
});

function safeText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "{}";
  }
}
