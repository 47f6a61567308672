import { createDeferred } from "@celeriac/core/lifecycle";
import { describe, expect, it } from "vitest";
import { Turns } from "./turns.js";

describe("Turns", () => {
  it("lets so many work at a time, in their order, whether they succeed or fail", async () => {
    const turns = new Turns(2);
    const started: number[] = [];
    const works = Array.from({ length: 5 }, () => createDeferred<void>());
    const results = works.map(({ promise }, index) =>
      turns.take(() => {
        started.push(index);
        return promise;
      }),
    );
    expect(started).toEqual([0, 1]);
    works[1]?.reject(new Error("failed"));
    await expect(results[1]).rejects.toThrow("failed");
    await new Promise(setImmediate);
    expect(started).toEqual([0, 1, 2]);
    for (const { resolve } of works) resolve();
    await Promise.allSettled(results);
    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect(await turns.take(() => Promise.resolve("free again"))).toBe("free again");
  });
});
