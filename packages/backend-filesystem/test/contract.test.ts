import { backendContract } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { createFolderFixture } from "./folder-fixture.js";

describe("the backend contract", () => {
  for (const contractCase of backendContract(createFolderFixture)) {
    it.concurrent(contractCase.name, async ({ skip }) => {
      const outcome = await contractCase.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
