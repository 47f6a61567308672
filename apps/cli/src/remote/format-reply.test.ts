import { describe, expect, it } from "vitest";
import { formatReply } from "./format-reply.js";

describe("formatReply", () => {
  it.each([
    [{ ok: "pong" }, "    pong"],
    [{ error: "KeyError('x')" }, "    KeyError('x')"],
    [[], "    - empty -"],
    [["tasks.add", { id: 1 }], '    * tasks.add\n    * {"id":1}'],
    [{ pid: 7, pool: { slots: 2 } }, '    pid: 7\n    pool: {"slots":2}'],
    ["two\nlines", "    two\n    lines"],
    [null, "    null"],
    [["\u001b[31mred"], "    * \\u001b[31mred"],
  ])("%j", (reply, expected) => {
    expect(formatReply(reply)).toBe(expected);
  });
});
