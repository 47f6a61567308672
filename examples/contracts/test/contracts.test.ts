import { readFile } from "node:fs/promises";
import { expect, it, vi } from "vitest";

it("prints what expected.txt says", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(`${line}\n`));
  await import("../src/main.js");
  log.mockRestore();
  expect(lines.join("")).toBe(await readFile(new URL("../expected.txt", import.meta.url), "utf8"));
});
