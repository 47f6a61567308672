import { BrokerError } from "@celeriac/core/errors";
import type { CallOptions, Delivery, Parking } from "@celeriac/core/ports";
import { integerReply, listReply } from "@celeriac/redis-connection";
import type { Calls } from "../calls.js";
import { RedisDelivery } from "../consume/redis-delivery.js";
import type { KeyLayout } from "../key-layout.js";
import { PROMOTE_SCRIPT } from "./promote-script.js";

const PER_CALL = 500;

/** What a parked message looks like in the sorted set: everything needed to bring it back. */
export function parkedMember(tag: string, list: string, payload: Buffer): Buffer {
  const key = Buffer.from(list);
  return Buffer.concat([Buffer.from(`${tag}:${key.length}:`), key, Buffer.from(":"), payload]);
}

/** One sorted set, scored by due time. RELIABILITY G15. */
export function createRedisParking(calls: Calls, keys: KeyLayout): Parking {
  return {
    async park(delivery: Delivery, dueAtMs: number): Promise<void> {
      if (delivery instanceof RedisDelivery) return delivery.park(dueAtMs);
      throw new BrokerError("Only deliveries of this broker can be parked.", { code: "BROKER_REFUSED" });
    },
    async promoteDue(options?: CallOptions): Promise<number> {
      let promoted = 0;
      for (let due = PER_CALL; due === PER_CALL; ) {
        const reply = await calls.ask("promoting due messages", options, (connection) =>
          connection.run(PROMOTE_SCRIPT, [keys.parked], [PER_CALL]),
        );
        const [moved, looked] = listReply(reply).map(integerReply);
        promoted += moved ?? 0;
        due = looked ?? 0;
      }
      return promoted;
    },
    async count(options?: CallOptions): Promise<number> {
      return integerReply(
        await calls.ask("counting parked messages", options, (connection) => connection.send("zcard", [keys.parked])),
      );
    },
  };
}
