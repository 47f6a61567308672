import { brokerFaults } from "@celeriac/testkit/broken";
import { describe, it } from "vitest";
import { createFixture, url } from "./postgres-fixture.mjs";

/** Enough for a PostgreSQL on the same machine; what must not happen is waited for in vain. */
const limits = { settleMs: 600, quietMs: 50, redeliveryMs: 1_000 };

describe.skipIf(url === undefined)("our fixture and its limits let the contract notice", () => {
  for (const one of brokerFaults(createFixture, limits)) {
    it.concurrent(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
