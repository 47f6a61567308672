import { describe, expect, it } from "vitest";
import { decodeTable } from "./decode-table.js";

function table(...members: readonly (readonly [name: string, value: string])[]): Buffer {
  const content = Buffer.concat(
    members.map(([name, value]) =>
      Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(value, "latin1")]),
    ),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  return Buffer.concat([size, content]);
}

describe("decodeTable", () => {
  it("reads the long integers of py-amqp, exactly", () => {
    const bytes = table(["small", "L\0\0\0\x01\x2a\x05\xf2\0"], ["big", "L\x7f\xff\xff\xff\xff\xff\xff\xff"]);
    expect(decodeTable(bytes).table).toEqual({ small: 5_000_000_000, big: 9_223_372_036_854_775_807n });
  });

  it.each([
    ["t\x01", true],
    ["b\xff", -1],
    ["B\xff", 255],
    ["s\xff\xfe", -2],
    ["u\xff\xfe", 65_534],
    ["I\xff\xff\xff\xff", -1],
    ["i\xff\xff\xff\xff", 4_294_967_295],
    ["l\xff\xff\xff\xff\xff\xff\xff\xff", -1],
    ["f\x3f\xc0\0\0", 1.5],
    ["d\xbf\xf8\0\0\0\0\0\0", -1.5],
    ["D\x02\0\0\0\x7b", "1.23"],
    ["D\x03\xff\xff\xff\xfb", "-0.005"],
    ["D\0\0\0\0\x07", "7"],
    ["V", null],
    ["S\0\0\0\x02\xc3\xa9", "é"],
    ["x\0\0\0\x02\x00\xff", Buffer.from([0, 255])],
    ["T\0\0\0\0\x70\xdb\xd8\x80", new Date(0x70dbd880 * 1000)],
    ["A\0\0\0\x04t\x00b\x05", [false, 5]],
    ["F\0\0\0\x04\x01at\x01", { a: true }],
  ])("reads %j", (bytes, value) => {
    expect(decodeTable(table(["m", bytes])).table).toEqual({ m: value });
  });

  it("keeps names that mean something to JavaScript as data", () => {
    const { table: read } = decodeTable(table(["__proto__", "S\0\0\0\x01x"], ["constructor", "V"]));
    expect(Object.keys(read)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it.each([
    ["an unknown tag", table(["m", "?"])],
    ["a text that ends too early", table(["m", "S\0\0\0\x09x"])],
    ["a number that ends too early", table(["m", "I\0"])],
    ["a table longer than its bytes", Buffer.from([0, 0, 0, 9, 1])],
    ["an endless nesting", nested(100)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => decodeTable(bytes)).toThrow(RangeError);
  });
});

function nested(depth: number): Buffer {
  let inner = table();
  for (let level = 0; level < depth; level += 1) inner = table(["n", `F${inner.toString("latin1")}`]);
  return inner;
}
