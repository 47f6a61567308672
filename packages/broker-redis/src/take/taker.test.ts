import { encodeEnvelope } from "@celeriac/core/protocol";
import { describe, expect, it } from "vitest";
import { parseBrokerOptions } from "../broker-settings.js";
import { createQueueCycle } from "../consume/queue-cycle.js";
import { createKeyLayout } from "../key-layout.js";
import { createTagSource } from "../unacked/tag-source.js";
import { Taker } from "./taker.js";

const keys = createKeyLayout(parseBrokerOptions({ prioritySteps: [0, 5] }), 0);
const payload = encodeEnvelope(
  { body: new Uint8Array(), contentType: "application/json", contentEncoding: "utf-8", headers: {}, properties: {} },
  { exchange: "", routingKey: "q", deliveryTag: "d" },
);

/** A taker of queues q and r. `finds`: the message is still there; `isFree`: no other take is under way. */
function makeTaker({ finds = true, isFree = true, accepts = (): boolean => true } = {}) {
  const tags = createTagSource();
  const cycle = createQueueCycle("round_robin", ["q", "r"]);
  const takes = {
    isFree,
    nextNumber: () => tags.reserve(2),
    take: async () => (finds ? 0 : undefined),
    putBack: async () => undefined,
    park: async () => undefined,
  };
  return { taker: new Taker({ takes, keys, tags, cycle, accepts }), cycle };
}

describe("Taker", () => {
  it("takes from a list only when every list served before it is empty", () => {
    const { taker } = makeTaker();
    const before = (list: string) => taker.consider(list, payload)?.take.listsBefore;
    expect(before(keys.list("q", 0))).toEqual([]);
    expect(before(keys.list("r", 0))).toEqual([keys.list("q", 0)]);
    expect(before(keys.list("r", 5))).toEqual([keys.list("q", 0), keys.list("r", 0), keys.list("q", 5)]);
  });

  it("serves the queues in turn, like claims", async () => {
    const { taker, cycle } = makeTaker();
    const candidate = taker.consider(keys.list("q", 0), payload);
    if (candidate !== undefined) await taker.take(candidate);
    expect(cycle.order()).toEqual(["r", "q"]);
  });

  it("leaves the turn alone when it took nothing", async () => {
    const { taker, cycle } = makeTaker({ finds: false });
    const candidate = taker.consider(keys.list("q", 0), payload);
    expect(candidate && (await taker.take(candidate))).toBeUndefined();
    expect(cycle.order()).toEqual(["q", "r"]);
  });

  it("considers nothing while another take is under way, in a list it does not know, or that cannot be read", () => {
    expect(makeTaker({ isFree: false }).taker.consider(keys.list("q", 0), payload)).toBeUndefined();
    expect(makeTaker().taker.consider("other", payload)).toBeUndefined();
    expect(makeTaker().taker.consider(keys.list("q", 0), "no envelope")).toBeUndefined();
  });

  it("leaves to the claim what its receiver refuses, or cannot tell", () => {
    const confused = (): boolean => {
      throw new Error("?");
    };
    expect(makeTaker({ accepts: () => false }).taker.consider(keys.list("q", 0), payload)).toBeUndefined();
    expect(makeTaker({ accepts: confused }).taker.consider(keys.list("q", 0), payload)).toBeUndefined();
  });

  it("gives every candidate a tag of its own", () => {
    const { taker } = makeTaker();
    const tags = [1, 2, 3].map(() => taker.consider(keys.list("q", 0), payload)?.delivery.deliveryTag);
    expect(new Set(tags).size).toBe(3);
  });
});
