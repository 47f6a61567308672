import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseFolderOptions, parseFolderUrl } from "./folder-options.js";

describe("parseFolderOptions", () => {
  it("keeps everything inside one folder when that is given", () => {
    expect(parseFolderOptions({ folder: "/q", storeProcessed: true })).toMatchObject({
      inFolder: "/q",
      outFolder: "/q",
      controlFolder: "/q/control",
      processedFolder: "/q/processed",
    });
  });

  it("falls back to kombu's folders beside the working directory, and deletes acked messages", () => {
    expect(parseFolderOptions({})).toMatchObject({
      inFolder: resolve("data_in"),
      outFolder: resolve("data_out"),
      controlFolder: resolve("control"),
      processedFolder: undefined,
    });
  });
});

describe("parseFolderUrl", () => {
  it("takes the folder from the path", () => {
    expect(parseFolderUrl("filesystem:///var/my%20queues", {})).toEqual({ folder: "/var/my queues" });
    expect(parseFolderUrl("filesystem://localhost/var/q", {})).toEqual({ folder: "/var/q" });
  });

  it("takes Celery's transport options, in either spelling, and passes over those of others", () => {
    const options = { data_folder_in: "/in", dataFolderOut: "/out", store_processed: true, visibility_timeout: 5 };
    expect(parseFolderUrl("filesystem://", options)).toEqual({
      dataFolderIn: "/in",
      dataFolderOut: "/out",
      storeProcessed: true,
    });
  });

  it.each([
    ["filesystem:/q", {}],
    ["filesystem://host/q", {}],
    ["filesystem://", { data_folder_in: 5 }],
    ["filesystem://", { store_processed: "yes" }],
    ["filesystem://", { lease_ms: -1 }],
  ])("refuses %s with %j", (url, options) => {
    expect(() => parseFolderUrl(url, options)).toThrowError(expect.objectContaining({ code: "BROKER_REFUSED" }));
  });
});
