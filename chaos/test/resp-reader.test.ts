import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RespReader } from "../src/auditor/resp-reader.js";

const STREAM = Buffer.from("+OK\r\n:42\r\n$5\r\nhé\r\n\r\n$-1\r\n*3\r\n$1\r\na\r\n:-7\r\n*-1\r\n-ERR no\r\n*0\r\n");
const REPLIES = ["OK", 42, "hé\r\n", null, ["a", -7, null], new Error("ERR no"), []];

describe("the auditor's Redis reader", () => {
  it("reads the same replies however the stream is chunked", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: STREAM.length - 1 })), (cuts) => {
        const reader = new RespReader();
        const edges = [...new Set([0, ...cuts, STREAM.length])].sort((a, b) => a - b);
        const replies = edges.slice(1).flatMap((edge, index) => [...reader.push(STREAM.subarray(edges[index], edge))]);
        expect(replies).toEqual(REPLIES);
      }),
    );
  });

  it("does not take nonsense for a reply", () => {
    expect(() => new RespReader().push(Buffer.from("HTTP/1.1 400\r\n"))).toThrow("Not a Redis reply");
  });
});
