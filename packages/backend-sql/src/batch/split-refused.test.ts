import { BackendError } from "@celeriac/core/errors";
import type { BatchItem } from "@celeriac/core/lifecycle";
import { describe, expect, it } from "vitest";
import { splitRefused } from "./split-refused.js";

function batchOf(text: string) {
  const outcomes: Record<string, unknown> = {};
  const items: BatchItem<string, string>[] = [...text].map((value) => ({
    value,
    resolve: (result) => Object.assign(outcomes, { [value]: result }),
    reject: (error) => Object.assign(outcomes, { [value]: error instanceof Error ? error.message : error }),
  }));
  const calls: string[] = [];
  const work = async (some: readonly BatchItem<string, string>[]): Promise<void> => {
    const values = some.map(({ value }) => value).join("");
    calls.push(values);
    if (values.includes("!")) throw new BackendError("no", { code: "BACKEND_REFUSED" });
    if (values === "?") throw new BackendError("away", { code: "BACKEND_UNAVAILABLE", retryable: true });
    for (const item of some) item.resolve("stored");
  };
  return { items, work, outcomes, calls };
}

describe("a batch of which one item is refused", () => {
  it("is done without it, in the order of asking", async () => {
    const { items, work, outcomes, calls } = batchOf("ab!cd");
    await splitRefused(items, work);
    expect(outcomes).toEqual({ a: "stored", b: "stored", "!": "no", c: "stored", d: "stored" });
    expect(calls).toEqual(["ab!cd", "ab!", "ab", "!", "cd"]);
  });

  it("takes few calls, however long it is", async () => {
    const { items, work, outcomes, calls } = batchOf(`${"a".repeat(300)}!${"b".repeat(199)}`);
    await splitRefused(items, work);
    expect(calls.length).toBeLessThan(20);
    expect(outcomes).toEqual({ a: "stored", "!": "no", b: "stored" });
  });

  it("is given up when something else fails", async () => {
    const { items, work, outcomes, calls } = batchOf("!?b");
    await expect(splitRefused(items, work)).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    expect(calls).toEqual(["!?b", "!?", "!", "?"]);
    expect(outcomes).toEqual({ "!": "no" });
  });
});
