import { describe, expect, it } from "vitest";
import { fingerprint, SeenReplies } from "./seen-replies.js";

describe("messages seen before", () => {
  it("are told apart by task and content", () => {
    const prints = [
      fingerprint("a", Buffer.from("x")),
      fingerprint("a", Buffer.from("y")),
      fingerprint("b", Buffer.from("x")),
      fingerprint("ax", Buffer.from("")),
    ];
    expect(new Set(prints).size).toBe(4);
    expect(fingerprint("a", Buffer.from("x"))).toBe(prints[0]);
  });

  it("are remembered up to a limit, those seen again the longest", () => {
    const seen = new SeenReplies(2);
    for (const print of ["a", "b", "a", "c"]) seen.add(print);
    expect(["a", "b", "c"].map((print) => seen.has(print))).toEqual([true, false, true]);
  });
});
