import { encodeEnvelope, markRedelivered } from "@celeriac/core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDelivery, countDeliveries } from "./delivery-count.js";

const envelope = encodeEnvelope(
  {
    body: Buffer.from("[]"),
    contentType: "application/json",
    contentEncoding: "utf-8",
    headers: { id: "a", big: 12345678901234567890n },
    properties: { priority: 3 },
  },
  { exchange: "x", routingKey: "k", deliveryTag: "t" },
);

describe("the count of deliveries in an envelope", () => {
  it("grows by one each time, and survives another flag", () => {
    let text = envelope;
    for (const count of [0, 1, 2]) {
      expect(countDeliveries(Buffer.from(text))).toBe(count);
      text = markRedelivered(addDelivery(text));
    }
    expect(text).toContain("12345678901234567890");
    expect(JSON.parse(text).properties.delivery_info).toMatchObject({ exchange: "x", routing_key: "k" });
  });

  it.each([
    ["a text", '"many"'],
    ["negative", "-3"],
    ["a fraction", "0.5"],
    ["null", "null"],
    ["an object", "{}"],
  ])("is 0 when it is %s, and begins anew", (_name, value) => {
    const odd = envelope.replace('"routing_key":"k"', `"routing_key":"k","delivery_count":${value}`);
    expect(countDeliveries(Buffer.from(odd))).toBe(0);
    expect(countDeliveries(Buffer.from(addDelivery(odd)))).toBe(1);
  });

  it("leaves alone what is no envelope", () => {
    const anything = fc.oneof(fc.string(), fc.json(), fc.constant('{"properties":{}}'));
    fc.assert(
      fc.property(anything, (text) => {
        expect(countDeliveries(Buffer.from(text))).toBe(0);
        expect(addDelivery(text)).toBe(text);
      }),
    );
  });
});
