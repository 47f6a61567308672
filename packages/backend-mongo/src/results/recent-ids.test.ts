import { expect, it } from "vitest";
import { RecentIds } from "./recent-ids.js";

it("the oldest id is forgotten, an id that comes again is not old", () => {
  const ids = new RecentIds(2);
  for (const id of ["a", "b", "a", "c"]) ids.add(id);
  expect(["a", "b", "c"].map((id) => ids.has(id))).toEqual([true, false, true]);
  ids.delete("c");
  expect(ids.has("c")).toBe(false);
});
