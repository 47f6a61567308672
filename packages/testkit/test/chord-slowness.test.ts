import { systemClock } from "@celeriac/core/lifecycle";
import { expect, it } from "vitest";
import { chordsReplaced } from "../src/broken/broken-chords.js";
import { backendContract } from "../src/index.js";
import { wrappedBackendFixture } from "./memory-fixtures.js";

const NAME = "a header of 10,000 tasks is joined without growing slower";

it("chords that grow slower are noticed, however long anything may take", async () => {
  const slower = chordsReplaced((chords) => {
    let size = 0;
    return {
      async addPart(...call) {
        size += 1;
        if (size > 8_500 && size % 500 === 0) await systemClock.sleep(600);
        return chords.addPart(...call);
      },
    };
  });
  const cases = backendContract(() => wrappedBackendFixture((backend) => slower(backend, new Set())));
  const contractCase = cases.find(({ name }) => name === NAME);
  await expect(contractCase?.run()).rejects.toThrow(/500 took .* in the beginning and .* in the end/);
});
