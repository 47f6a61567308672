import assert from "node:assert/strict";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { textOfDelivery } from "./inbox.js";

const HOUR_MS = 3_600_000;

/** Far ETAs kept at the broker. */
export const parkingCases: readonly BrokerCase[] = [
  brokerCase(
    "parking a delivery settles it",
    async (stage) => {
      await stage.publishEach("m0", "m1");
      const parking = stage.parkingOf();
      const inbox = await stage.open({ prefetch: 1 });
      const parked = await inbox.next();
      await parking.park(parked, Date.now() + HOUR_MS);
      assert.deepEqual(await inbox.texts(1), ["m1"], "the window has room again");
      assert.equal(await parking.count(), 1);
      assert.equal(await stage.length(), 0);
      await assert.rejects(parked.ack(), { code: "LEASE_LOST" });
    },
    ["parking"],
  ),

  brokerCase(
    "promoteDue puts back what is due and leaves the rest",
    async (stage) => {
      await stage.publishEach("due", "later");
      const parking = stage.parkingOf();
      const inbox = await stage.open({ prefetch: 2 });
      const [due, later] = await inbox.take(2);
      assert.ok(due && later);
      await parking.park(due, Date.now() - HOUR_MS);
      await parking.park(later, Date.now() + HOUR_MS);
      assert.equal(await parking.count(), 2);
      assert.equal(await parking.promoteDue(), 1);
      assert.deepEqual(await inbox.texts(1), ["due"]);
      assert.equal(await parking.count(), 1);
      assert.equal(await parking.promoteDue(), 0);
      await inbox.expectQuiet();
    },
    ["parking"],
  ),

  brokerCase(
    "a promoted message is in front of the waiting ones, unchanged",
    async (stage) => {
      await stage.publish("m0", { headers: { eta: "2037-05-17T08:30:15.123456+00:00" } });
      const parking = stage.parkingOf();
      const first = await stage.open({ prefetch: 1 });
      await parking.park(await first.next(), Date.now() - HOUR_MS);
      await first[Symbol.asyncDispose]();
      await stage.publishEach("m1", "m2");
      assert.equal(await parking.promoteDue(), 1);
      const deliveries = await (await stage.open()).take(3);
      assert.deepEqual(deliveries.map(textOfDelivery), ["m0", "m1", "m2"]);
      assert.equal(deliveries[0]?.message?.headers.eta, "2037-05-17T08:30:15.123456+00:00");
    },
    ["parking"],
  ),

  brokerCase(
    "a promoted message can be settled like any other",
    async (stage) => {
      await stage.publish("m0");
      const peer = await stage.fixture.createPeer();
      const inbox = await stage.open();
      await stage.parkingOf().park(await inbox.next(), Date.now() - HOUR_MS);
      await stage.parkingOf().promoteDue();
      await (await inbox.next()).ack();
      await stage.closeHoldingNothingElse(peer);
    },
    ["parking"],
  ),

  brokerCase(
    "parked messages outlive the broker that parked them",
    async (stage) => {
      await stage.publish("m0");
      const peer = await stage.fixture.createPeer();
      const inbox = await stage.open();
      await stage.parkingOf().park(await inbox.next(), Date.now() - HOUR_MS);
      await stage.broker[Symbol.asyncDispose]();
      assert.equal(await stage.parkingOf(peer).promoteDue(), 1);
      assert.deepEqual(await (await stage.open({}, peer)).texts(1), ["m0"]);
    },
    ["parking"],
  ),

  brokerCase(
    "two workers promoting at once put each message back once",
    async (stage) => {
      const texts = Array.from({ length: 20 }, (_, index) => `m${index}`);
      await stage.publishEach(...texts);
      const peer = await stage.fixture.createPeer();
      const first = await stage.open();
      for (const delivery of await first.take(20)) await stage.parkingOf().park(delivery, Date.now() - HOUR_MS);
      await first[Symbol.asyncDispose]();
      const counts = await Promise.all([stage.parkingOf().promoteDue(), stage.parkingOf(peer).promoteDue()]);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        20,
      );
      const inbox = await stage.open();
      assert.deepEqual([...(await inbox.texts(20))].sort(), [...texts].sort());
      await inbox.expectQuiet();
    },
    ["parking"],
  ),

  brokerCase(
    "a settled delivery cannot be parked",
    async (stage) => {
      await stage.publish("m0");
      const inbox = await stage.open();
      const delivery = await inbox.next();
      await delivery.ack();
      await assert.rejects(stage.parkingOf().park(delivery, Date.now() - HOUR_MS), { code: "LEASE_LOST" });
      assert.equal(await stage.parkingOf().count(), 0);
    },
    ["parking"],
  ),
];
