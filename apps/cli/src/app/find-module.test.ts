import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findModule, parseAppSpec } from "./find-module.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "celeriac-find-")));

beforeAll(() => {
  for (const file of [
    "app.ts",
    "app.js",
    "both/index.js",
    "both.mjs",
    "only/index.mts",
    "deep/src/proj.cjs",
    "node_modules/@scope/pkg/main.js",
    "dotted.name.ts",
  ]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  writeFileSync(join(folder, "node_modules/@scope/pkg/package.json"), '{ "main": "./main.js" }');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("parseAppSpec", () => {
  it.each([
    ["proj", { module: "proj" }],
    ["src/app:celery", { module: "src/app", exportName: "celery" }],
    ["./app.ts:makeApp", { module: "./app.ts", exportName: "makeApp" }],
    ["@scope/pkg:app", { module: "@scope/pkg", exportName: "app" }],
    ["C:\\work\\app.ts", { module: "C:\\work\\app.ts" }],
    ["C:app", { module: "C:app" }],
    ["C:\\work\\app.ts:app", { module: "C:\\work\\app.ts", exportName: "app" }],
    ["file:///srv/app.ts", { module: "file:///srv/app.ts" }],
    ["app:", { module: "app:" }],
  ])("%s", (spec, expected) => {
    expect(parseAppSpec(spec)).toEqual(expected);
  });
});

describe("findModule", () => {
  it.each([
    ["app.js", "app.js"],
    ["app", "app.ts"],
    ["./app", "app.ts"],
    ["deep/src/proj", "deep/src/proj.cjs"],
    ["both", "both.mjs"],
    ["./both/", "both.mjs"],
    ["only", "only/index.mts"],
    ["only/index.mjs", "only/index.mts"],
    ["dotted.name", "dotted.name.ts"],
    ["@scope/pkg", "node_modules/@scope/pkg/main.js"],
  ])("%s is %s", (module, file) => {
    expect(findModule(module, folder)).toEqual({ file: join(folder, file) });
  });

  it("takes absolute paths and file URLs", () => {
    const file = join(folder, "app.ts");
    expect(findModule(file, "/")).toEqual({ file });
    expect(findModule(pathToFileURL(file).href, "/")).toEqual({ file });
  });

  it("says everything it looked at", () => {
    const search = findModule("nothing", folder);
    expect("tried" in search && search.tried).toEqual([
      join(folder, "nothing"),
      expect.stringContaining(`${join(folder, "nothing")}{.ts,`),
      expect.stringContaining(join(folder, "nothing", "index{.ts,")),
      expect.stringContaining('the package "nothing"'),
    ]);
  });

  it("does not look for a package behind a relative path, nor for one of Node's own modules", () => {
    const search = findModule("./nothing.ts", folder);
    expect("tried" in search && search.tried).toEqual([join(folder, "nothing.ts")]);
    expect(findModule("fs", folder)).toHaveProperty("tried");
  });
});
