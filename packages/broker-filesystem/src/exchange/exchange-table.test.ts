import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFolderOptions } from "../folder/folder-options.js";
import { createFolders, ownFolders } from "../folder/own-folders.js";
import { ExchangeTables } from "./exchange-table.js";

let folder: string;
let path: string;
const openTables = (): ExchangeTables => {
  const settings = parseFolderOptions({ folder });
  return new ExchangeTables(settings, ownFolders(settings));
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "celeriac-table-"));
  path = join(folder, "control", "x.exchange");
  const settings = parseFolderOptions({ folder });
  await createFolders(settings, ownFolders(settings));
});
afterEach(() => rm(folder, { recursive: true }));

describe("exchange tables", () => {
  it("keep every binding that several brokers make at once", async () => {
    const brokers = [openTables(), openTables(), openTables()];
    const queues = Array.from({ length: 9 }, (_, index) => `q${index}`);
    await Promise.all(queues.map((queue, index) => brokers[index % 3]?.bind("x", ["", "", queue])));
    const table = await openTables().read("x");
    expect(table.map(([, , queue]) => queue).sort()).toEqual(queues);
  });

  it("bind once, unbind, and do not mind doing it again", async () => {
    const tables = openTables();
    await tables.bind("x", ["k", "", "q"]);
    await tables.bind("x", ["k", "", "q"]);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual([["k", "", "q"]]);
    await tables.unbind("x", ["k", "", "q"]);
    await tables.unbind("x", ["k", "", "q"]);
    expect(await openTables().read("x")).toEqual([]);
  });

  it("keep what kombu writes into the file that we have just replaced", async () => {
    await writeFile(path, JSON.stringify([["", "", "first"]]));
    const kombu = await open(path, "r+");
    const binding = openTables().bind("x", ["", "", "ours"]);
    await expect.poll(() => readFile(path, "utf8"), { interval: 1 }).toContain("ours");
    await kombu.write(
      JSON.stringify([
        ["", "", "kombu"],
        ["", "", "first"],
      ]),
      0,
    );
    await kombu.close();
    await binding;
    const queues = (await openTables().read("x")).map(([, , queue]) => queue);
    expect(queues.sort()).toEqual(["first", "kombu", "ours"]);
  });

  it("bind again when kombu makes the file anew over ours", async () => {
    const binding = openTables().bind("x", ["", "", "ours"]);
    await expect.poll(() => readFile(path, "utf8").catch(() => ""), { interval: 1 }).toContain("ours");
    await writeFile(path, JSON.stringify([["", "", "kombu"]]));
    await binding;
    const queues = (await openTables().read("x")).map(([, , queue]) => queue);
    expect(queues.sort()).toEqual(["kombu", "ours"]);
  });

  it("exist for any name, and stay inside the control folder", async () => {
    const tables = openTables();
    for (const exchange of ["../x", "..", "päris", "a/b", "%2E%2E"]) {
      await tables.bind(exchange, ["", "", exchange]);
      expect(await openTables().read(exchange)).toEqual([["", "", exchange]]);
    }
  });
});
