import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { readCodeBlocks } from "../src/code-blocks.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const documents = ["README.md", ...markdownIn("docs"), ...markdownIn("packages"), ...markdownIn("apps")];

function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist" || entry.name === "src") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

const marked = documents.filter((path) => readCodeBlocks(readFileSync(join(root, path), "utf8")).length > 0);

it("finds code in the root README and in those of core and worker", () => {
  for (const path of ["README.md", "packages/core/README.md", "packages/worker/README.md"])
    expect(marked).toContain(path);
});

it.each(marked)("%s shows the code of the files it names, unchanged", async (path) => {
  for (const { file, code } of readCodeBlocks(await readFile(join(root, path), "utf8")))
    expect(code).toBe(await readFile(join(root, file), "utf8"));
});

it("refuses a marker without code", () => {
  expect(() => readCodeBlocks("<!-- code: a.ts -->\n\ntext")).toThrow("a.ts");
});

it.each(["core", "worker"])("the code of packages/%s/README.md prints what its expected file says", async (name) => {
  const lines: string[] = [];
  const log = vi
    .spyOn(console, "log")
    .mockImplementation((...parts: unknown[]) => void lines.push(`${parts.join(" ")}\n`));
  await import(`../src/${name}.ts`);
  log.mockRestore();
  expect(lines.join("")).toBe(await readFile(new URL(`../expected/${name}.txt`, import.meta.url), "utf8"));
});
