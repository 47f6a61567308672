import { backendContract } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { createFolderFixture } from "./folder-fixture.js";

describe.each([
  ["plain", {}],
  ["with resultCompression", { resultCompression: "brotli" }],
])("the backend contract, %s", (_title, options) => {
  for (const contractCase of backendContract(() => createFolderFixture(options))) {
    it.concurrent(contractCase.name, async ({ skip }) => {
      const outcome = await contractCase.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
