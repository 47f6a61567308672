import type { Channel, ConsumeMessage } from "amqplib";
import { describe, expect, it } from "vitest";
import { AckBatch } from "./ack-batch.js";

type Ack = readonly [tag: number, multiple: boolean];

function setUp(onAck: () => void = () => undefined) {
  const acks: Ack[] = [];
  const channel: Pick<Channel, "ack"> = {
    ack: (message, multiple) => {
      onAck();
      acks.push([message.fields.deliveryTag, multiple === true]);
    },
  };
  const batch = new AckBatch(channel);
  const add = (...tags: readonly number[]): void => {
    for (const deliveryTag of tags) batch.add(messageOf(deliveryTag));
  };
  return { batch, add, acks };
}

function messageOf(deliveryTag: number): ConsumeMessage {
  const fields = { deliveryTag, redelivered: false, exchange: "", routingKey: "q", consumerTag: "c" };
  return { fields, content: Buffer.alloc(0), properties: {} } as unknown as ConsumeMessage; // nothing else is looked at
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("acknowledgements", () => {
  it("of one turn are one write where they leave no gap", async () => {
    const { add, acks } = setUp();
    add(1, 2, 3);
    await turn();
    add(4, 5);
    await turn();
    expect(acks).toEqual([
      [3, true],
      [5, true],
    ]);
  });

  it("never cover a message that is still held", async () => {
    const { add, acks } = setUp();
    add(1, 3, 4);
    await turn();
    add(6);
    await turn();
    add(2);
    await turn();
    expect(acks).toEqual([
      [3, false],
      [4, false],
      [1, true],
      [6, false],
      [2, true],
    ]);
  });

  it("end with their channel", async () => {
    const { batch, add, acks } = setUp();
    add(1);
    batch.end();
    add(2);
    await turn();
    expect(acks).toEqual([]);
    const refusing = setUp(() => {
      throw new Error("Channel closed");
    });
    refusing.add(1);
    await turn();
    refusing.add(2);
    await turn();
    expect(refusing.acks).toEqual([]);
  });
});
