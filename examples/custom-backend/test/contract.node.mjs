// @ts-check
/** The same cases with node:test. They are data, so any runner can execute them: `node --test test/contract.node.mjs`. */
import { describe, test } from "node:test";
import { backendContract } from "@celeriac/testkit";
import { createFixture, url } from "./stream-fixture.mjs";

describe("the backend contract on Redis streams", { skip: url === undefined, concurrency: 5 }, () => {
  for (const one of backendContract(createFixture)) {
    test(one.name, { timeout: one.timeoutMs }, async (t) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") t.skip(outcome.reason);
    });
  }
});
