import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

describe("the README", () => {
  it("shows the example that is type-checked here", () => {
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(read("../README.md")) ?? [];
    expect(shown?.replace("@celeriac/canvas", "../src/index.js")).toBe(read("./readme-example.ts"));
  });

  it("shows an example that runs", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await import("./readme-example.js");
    expect(log.mock.calls).toEqual([[38], [0, "fulfilled"], [1, "fulfilled"], [2, "fulfilled"]]);
    log.mockRestore();
  });
});
