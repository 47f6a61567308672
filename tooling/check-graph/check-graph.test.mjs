// @ts-check
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { findViolations } from "./find-violations.mjs";
import { readGraph } from "./read-graph.mjs";
import { importedPackages } from "./read-type-imports.mjs";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "celeriac-graph-")));
after(() => rmSync(scratch, { recursive: true, force: true }));

const core = {
  "packages/core/package.json": JSON.stringify({
    name: "@celeriac/core",
    exports: { ".": "./dist/index.js", "./ports": "./dist/ports/index.js" },
  }),
  "packages/core/dist/index.js": 'export * from "./ports/index.js";\n',
  "packages/core/dist/ports/index.js": 'import "node:events";\nexport const port = 1;\n',
};

const broker = {
  "packages/broker-memory/package.json": JSON.stringify({
    name: "@celeriac/broker-memory",
    peerDependencies: { "@celeriac/core": "*" },
  }),
  "packages/broker-memory/dist/index.js": 'import { port } from "@celeriac/core/ports";\nexport const broker = port;\n',
};

/**
 * Lays out a workspace, with every package linked as pnpm would, and checks it.
 * @param {Record<string, string>} files - Contents by path.
 */
async function check(files) {
  const root = mkdtempSync(join(scratch, "workspace-"));
  const all = { "pnpm-workspace.yaml": "packages:\n  - packages/*\n  - interop\n", ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "node_modules", "@celeriac"), { recursive: true });
  for (const path of Object.keys(all).filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))) {
    symlinkSync(join(root, dirname(path)), join(root, "node_modules", "@celeriac", path.split("/")[1] ?? ""));
  }
  const violations = findViolations(await readGraph(root));
  return violations.map(({ rule, message }) => `${rule}: ${message}`);
}

test("accepts a workspace that follows the rules", async () => {
  assert.deepEqual(await check({ ...core, ...broker }), []);
});

test("refuses an adapter that imports core's root", async () => {
  const [found, ...rest] = await check({
    ...core,
    ...broker,
    "packages/broker-memory/dist/index.js": 'import "@celeriac/core";\n',
  });
  assert.match(
    found ?? "",
    /^forbidden import: packages\/broker-memory\/dist\/index\.js imports "@celeriac\/core", but/,
  );
  assert.deepEqual(rest, []);
});

test("refuses an adapter that imports another adapter", async () => {
  const found = await check({
    ...core,
    ...broker,
    "packages/backend-memory/package.json": JSON.stringify({
      name: "@celeriac/backend-memory",
      dependencies: { "@celeriac/broker-memory": "*" },
    }),
    "packages/backend-memory/dist/index.js": 'import "@celeriac/broker-memory";\n',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^forbidden import: packages\/backend-memory/);
});

test("refuses a forbidden import of types, which leaves no trace in the built code", async () => {
  const found = await check({
    ...core,
    ...broker,
    "packages/broker-memory/src/index.ts": 'import type { App } from "@celeriac/core";\nexport type A = App;\n',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^forbidden import: packages\/broker-memory\/src\/index\.ts imports types of/);
});

test("refuses core importing a package", async () => {
  const found = await check({
    ...core,
    ...broker,
    "packages/core/dist/index.js": 'import "@celeriac/broker-memory";\n',
  });
  assert.ok(found.some((line) => line.startsWith("forbidden import: packages/core/dist/index.js")));
});

test("refuses a runtime dependency of core, used or not", async () => {
  const manifest = JSON.stringify({ name: "@celeriac/core", dependencies: { ms: "*" } });
  const found = await check({ ...core, "packages/core/package.json": manifest });
  assert.deepEqual(found, [
    "runtime dependency: packages/core/package.json declares ms, but core has no runtime dependency.",
  ]);
});

test("refuses an import that package.json does not declare", async () => {
  const manifest = JSON.stringify({ name: "@celeriac/broker-memory", devDependencies: { "@celeriac/core": "*" } });
  const found = await check({ ...core, ...broker, "packages/broker-memory/package.json": manifest });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^undeclared dependency: .*"@celeriac\/core\/ports"/);
});

test("lets a private package use its devDependencies", async () => {
  const found = await check({
    ...core,
    "interop/package.json": JSON.stringify({
      name: "@celeriac/interop",
      private: true,
      devDependencies: { "@celeriac/core": "*" },
    }),
    "interop/dist/index.js": 'import "@celeriac/core";\n',
  });
  assert.deepEqual(found, []);
});

test("refuses importing a proof", async () => {
  const found = await check({
    ...core,
    "interop/package.json": JSON.stringify({ name: "@celeriac/interop" }),
    "interop/dist/index.js": "export {};\n",
    "packages/worker/package.json": JSON.stringify({
      name: "@celeriac/worker",
      dependencies: { "@celeriac/interop": "*" },
    }),
    "packages/worker/dist/index.js": 'import "@celeriac/interop";\n',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^forbidden import: packages\/worker/);
});

test("refuses a relative import that leaves its package", async () => {
  const found = await check({
    ...core,
    ...broker,
    "packages/broker-memory/dist/index.js": 'import "../../core/dist/index.js";\n',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^forbidden import: .* reaches out of its package/);
});

test("refuses a relative import that leads nowhere", async () => {
  const found = await check({ ...core, "packages/core/dist/index.js": 'import "./gone.js";\n' });
  assert.deepEqual(found, ['broken import: packages/core/dist/index.js imports "./gone.js", which was not built.']);
});

test("refuses a cycle of modules", async () => {
  const found = await check({
    ...core,
    "packages/core/dist/ports/index.js": 'import "../index.js";\n',
  });
  assert.deepEqual(found, [
    "cycle: packages/core/dist/index.js -> packages/core/dist/ports/index.js -> packages/core/dist/index.js",
  ]);
});

test("refuses a cycle of packages even where no module is in a circle", async () => {
  const manifest = (/** @type {string} */ name, /** @type {string} */ other) =>
    JSON.stringify({ name: `@celeriac/${name}`, dependencies: { [`@celeriac/${other}`]: "*" } });
  const found = await check({
    "packages/events/package.json": manifest("events", "control"),
    "packages/events/dist/a.js": 'import "@celeriac/control/b";\n',
    "packages/control/package.json": manifest("control", "events"),
    "packages/control/dist/b.js": "export {};\n",
    "packages/control/dist/c.js": 'import "@celeriac/events/d";\n',
  });
  assert.ok(found.some((line) => line === "cycle: @celeriac/control -> @celeriac/events -> @celeriac/control"));
});

test("refuses a package of which it read nothing", async () => {
  const { "packages/broker-memory/dist/index.js": _unbuilt, ...unbuilt } = broker;
  const found = await check({ ...core, ...unbuilt });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^zero modules: @celeriac\/broker-memory/);
});

test("refuses a package that no rule knows", async () => {
  const found = await check({
    ...core,
    "packages/surprise/package.json": JSON.stringify({
      name: "@celeriac/surprise",
      dependencies: { "@celeriac/core": "*" },
    }),
    "packages/surprise/dist/index.js": 'import "@celeriac/core/ports";\n',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /no row in import-rules/);
});

test("refuses Node's modules in core's protocol, except for compression", async () => {
  const found = await check({
    ...core,
    "packages/core/dist/protocol/envelope.js": 'import "node:crypto";\n',
    "packages/core/dist/protocol/compression.js": 'import "node:zlib";\n',
    "packages/core/dist/protocol/compression/gzip.js": 'import "zlib";\n',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^node module: packages\/core\/dist\/protocol\/envelope\.js imports node:crypto/);
});

test("reads imports from sources, not from their comments", () => {
  const source = `/**
 * import { a } from "comment";
 */
import type { B } from "b";
import {
  c,
} from "c/deep";
export type { D } from "node:d";
import "./local.js";
// import { e } from "e";
type F = import("f").F;
`;
  assert.deepEqual(importedPackages(source).sort(), ["b", "c/deep", "f", "node:d"]);
});
