import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { url } from "./postgres-fixture.mjs";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

it("is under 200 lines of code, comments and blank lines not counted", () => {
  const sources = readdirSync(folder("../src")).map((file) => readFileSync(folder(`../src/${file}`), "utf8"));
  const lines = sources.flatMap((source) => source.split("\n").filter((line) => !/^\s*($|\/\/|\/\*\*|\*)/.test(line)));
  expect(lines.length).toBeLessThan(200);
});

it.each(["contract.test.ts", "contract.node.mjs"])("shows %s in the README as it is", (file) => {
  expect(readFileSync(folder("../README.md"), "utf8")).toContain(readFileSync(folder(file), "utf8"));
});

it.skipIf(url === undefined)("passes the kit under node:test as well", { timeout: 120_000 }, async ({ signal }) => {
  const output = await new Promise<string>((resolve) => {
    const args = ["--test", "--test-reporter=tap", "test/contract.node.mjs"];
    execFile(process.execPath, args, { cwd: folder(".."), signal }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  expect(output).toMatch(/^# fail 0$/m);
  expect(output).toMatch(/^# cancelled 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(output)?.[1])).toBeGreaterThan(80);
});
