import { describe, expect, it } from "vitest";
import { parseUnackedRecord, recordTail } from "./unacked-record.js";

function parse(text: string | Buffer) {
  const record = parseUnackedRecord(Buffer.from(text));
  return record && { ...record, payload: record.payload.toString("latin1") };
}

describe("parseUnackedRecord", () => {
  it("reads what we write, whatever the payload is", () => {
    for (const payload of ['{"a":1}', "", "]", '"', '","x","y"]', "\xff\xfe", '{"big":123456789012345678901}']) {
      const bytes = Buffer.concat([
        Buffer.from("["),
        Buffer.from(payload, "latin1"),
        Buffer.from(recordTail("", 'q"\\')),
      ]);
      expect(parse(bytes)).toEqual({ payload, exchange: "", routingKey: 'q"\\' });
    }
  });

  it("reads what Python writes", () => {
    const record = JSON.stringify([{ body: "x", properties: { n: [1, "a,b]"] } }, "feeds", "feed.é"], null, 1);
    expect(parse(record)).toMatchObject({ exchange: "feeds", routingKey: "feed.é" });
    expect(JSON.parse(parse(record)?.payload ?? "")).toEqual({ body: "x", properties: { n: [1, "a,b]"] } });
  });

  it("takes a missing exchange or routing key as empty", () => {
    expect(parse("[{}, null, null]")).toEqual({ payload: "{}", exchange: "", routingKey: "" });
  });

  it.each(["", "null", "{}", "[]", '["a"]', '["a","b"', 'x,"a","b"]', '[{},"a",3]', '[{},"a" "b"]', '"]'])(
    "says that %j is no record",
    (text) => {
      expect(parse(text)).toBeUndefined();
    },
  );
});
