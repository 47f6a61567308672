import { decodeMessage, encodeMessage, type Publisher } from "@celeriac/amqp-connection";
import { BrokerError } from "@celeriac/core/errors";
import type { CallOptions, Delivery, Parking } from "@celeriac/core/ports";
import type { HeldClaim } from "../consume/held-claim.js";
import type { AmqpQueueAdmin } from "../queues/amqp-queue-admin.js";
import { type DelayTopologyOptions, planDelayLevels } from "./delay-topology.js";
import type { DelayedDelivery } from "./delayed-delivery.js";
import { planDelay, wholeSeconds } from "./plan-delay.js";

export interface ParkingOptions {
  readonly publisher: Publisher;
  readonly delayed: DelayedDelivery;
  readonly topology: DelayTopologyOptions;
  readonly queues: AmqpQueueAdmin;
  /** What a delivery of this broker stands for. */
  readonly claimOf: (delivery: Delivery) => HeldClaim | undefined;
  readonly now: () => number;
}

/**
 * Far ETAs wait in the queues of delayed delivery. The server itself brings back what is due, behind the waiting messages,
 * so there is nothing to promote. Parking is two steps, publish and ack: a crash between them leaves the message twice,
 * never not at all.
 */
export function createAmqpParking(options: ParkingOptions): Parking {
  const { publisher, delayed, topology, queues, claimOf, now } = options;
  return {
    async park(delivery: Delivery, dueAtMs: number): Promise<void> {
      const claim = claimOf(delivery);
      if (claim?.isOpen !== true || claim.isLost) throw notOurs(delivery);
      const { queue, wire } = claim.source;
      const encoded = encodeMessage(decodeMessage(wire.content, wire.properties), true);
      const left = (): number => wholeSeconds(dueAtMs - now());
      const due = { exchange: "", routingKey: queue, encoded };
      if (left() === 0) await publisher.publish(due);
      else {
        const target = planDelay(due);
        if (target === undefined) throw tooLong(queue);
        await publisher.publish({ ...due, prepare: (timeoutMs) => delayed.destination(target, timeoutMs, left) });
      }
      await delivery.ack();
    },
    promoteDue: () => Promise.resolve(0),
    async count(call?: CallOptions): Promise<number> {
      const names = planDelayLevels(topology).map(({ name }) => name);
      return queues.totalLength(names, call);
    },
  };
}

function notOurs(delivery: Delivery): BrokerError {
  return new BrokerError(
    `Delivery ${delivery.deliveryTag} is settled, lost, or not of this broker: it cannot be parked.`,
    {
      code: "LEASE_LOST",
    },
  );
}

function tooLong(queue: string): BrokerError {
  return new BrokerError(`The name of queue "${queue}" is too long for delayed delivery: 199 bytes is the limit.`, {
    code: "BROKER_REFUSED",
  });
}
