import { brokerContract } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { createFolderFixture } from "./folder-fixture.js";

describe("the broker contract", () => {
  for (const contractCase of brokerContract(() => createFolderFixture())) {
    it.concurrent(contractCase.name, async ({ skip }) => {
      const outcome = await contractCase.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
