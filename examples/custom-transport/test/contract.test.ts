import { brokerContract } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { createFixture, url } from "./postgres-fixture.mjs";

describe.skipIf(url === undefined)("the broker contract on PostgreSQL", () => {
  for (const one of brokerContract(createFixture)) {
    it.concurrent(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
