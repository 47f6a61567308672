import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

describe("the README", () => {
  it("shows the example that is type-checked here", () => {
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(read("../README.md")) ?? [];
    expect(shown?.replace("@celeriac/canvas", "../src/index.js")).toBe(read("./readme-example.ts"));
  });
});
