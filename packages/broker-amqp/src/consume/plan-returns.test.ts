import { describe, expect, it } from "vitest";
import { planReturns, type Unseen } from "./plan-returns.js";

type Message = Unseen & { readonly id: string };
type Row = readonly [what: string, unseen: readonly Message[], room: number, ids: readonly string[]];

const fresh = (id: string): Message => ({ id, deliveryCount: 0 });

describe("planReturns", () => {
  it.each<Row>([
    ["nothing while there is room", [fresh("a"), fresh("b")], 2, []],
    ["the youngest beyond the room", [fresh("a"), fresh("b"), fresh("c")], 1, ["b", "c"]],
    ["all without room", [fresh("a"), fresh("b")], 0, ["a", "b"]],
    ["not what came back before", [{ id: "a", deliveryCount: 1 }, fresh("b")], 0, ["b"]],
    ["another instead of it", [fresh("a"), fresh("b"), { id: "c", deliveryCount: 1 }], 2, ["b"]],
    ["nothing of which nobody knows", [{ id: "a", deliveryCount: undefined }], 0, []],
    ["nothing that must not come back at all", [{ id: "a", deliveryCount: 0, deliveryLimit: 0 }], 0, []],
    ["what has no limit", [{ id: "a", deliveryCount: 0, deliveryLimit: -1 }], 0, ["a"]],
    ["what has a limit", [{ id: "a", deliveryCount: 0, deliveryLimit: 3 }], 0, ["a"]],
  ])("gives back %s", (_what, unseen, room, ids) => {
    expect(planReturns(unseen, room).map(({ id }) => id)).toEqual(ids);
  });
});
