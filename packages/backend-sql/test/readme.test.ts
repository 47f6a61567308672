import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { createTestDatabase, POSTGRES } from "./servers/sql-server.js";

/** The code of the README, whose text `examples/readme-code` compares with these files, prints what its comments say. */
async function printedBy(file: string): Promise<readonly string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await import(`./readme/${file}.ts`);
  return log.mock.calls.map((parts) => parts.join(" "));
}

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "celeriac-readme-"));

afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

it("stores, watches and fetches a result", async () => {
  process.chdir(folder);
  expect(await printedBy("results")).toEqual(["SUCCESS", "done"]);
});

it.skipIf(POSTGRES.url === undefined)("finds results through a repository", async () => {
  const database = await createTestDatabase(POSTGRES);
  vi.stubEnv("RESULTS_URL", database.directUrl);
  try {
    expect(await printedBy("repository")).toEqual(["some-id done"]);
  } finally {
    vi.unstubAllEnvs();
    await database.drop();
  }
});
