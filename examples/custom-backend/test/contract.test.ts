import { backendContract } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { createFixture, url } from "./stream-fixture.mjs";

describe.skipIf(url === undefined)("the backend contract on Redis streams", () => {
  for (const one of backendContract(createFixture)) {
    it.concurrent(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
