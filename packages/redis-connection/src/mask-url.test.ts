import { describe, expect, it } from "vitest";
import { maskUrl } from "./mask-url.js";

describe("maskUrl", () => {
  it.each([
    ["redis://h/0", "redis://h/0"],
    ["redis://:secret@h/0", "redis://:**@h/0"],
    ["rediss://user:se:cret@h:1/0", "rediss://user:**@h:1/0"],
    ["sentinel://:a@h1/0;sentinel://u:b@h2/0", "sentinel://:**@h1/0;sentinel://u:**@h2/0"],
    ["redis://h?password=x&y=1", "redis://h?password=**&y=1"],
  ])("shows %s as %s", (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });
});
