import { describe, expect, it } from "vitest";
import { channelFailure, explainPrecondition } from "./channel-failure.js";

describe("explainPrecondition", () => {
  it.each([
    [
      "inequivalent arg 'x-max-priority' for queue 'celery' in vhost '/': received none but current is the value '10' of type 'signedint'",
      'the queue "celery" exists with another x-max-priority: it has 10, this program asks for none. Either ask for what is there (`maxPriority` of the queue, task_queue_max_priority), or once it is empty, delete it: rabbitmqctl -p / delete_queue celery --if-empty.',
    ],
    [
      "inequivalent arg 'durable' for queue 'q' in vhost 'shop': received 'true' but current is 'false'",
      'the queue "q" exists with another durable: it has false, this program asks for true. Either ask for what is there (`durable`), or once it is empty, delete it: rabbitmqctl -p shop delete_queue q --if-empty.',
    ],
    [
      "inequivalent arg 'type' for exchange 'e' in vhost '/': received 'topic' but current is 'direct'",
      'the exchange "e" exists with another type: it has direct, this program asks for topic. Either ask for what is there (`type` of the exchange, task_default_exchange_type), or delete the exchange and have it declared anew.',
    ],
    [
      "inequivalent arg 'x-queue-type' for queue 'shop_celery_delayed_27' in vhost '/': received 'quorum' but current is 'classic'",
      'the queue "shop_celery_delayed_27" exists with another x-queue-type: it has classic, this program asks for quorum. Either ask for what is there (delayedDeliveryQueueType, broker_native_delayed_delivery_queue_type), or once it is empty, delete it: rabbitmqctl -p / delete_queue shop_celery_delayed_27 --if-empty.',
    ],
    ["unknown delivery tag 5", "unknown delivery tag 5."],
  ])("explains %s", (said, explained) => {
    expect(explainPrecondition(said)).toBe(explained);
  });
});

describe("channelFailure", () => {
  it.each([
    [403, "BROKER_AUTH", false],
    [404, "BROKER_REFUSED", false],
    [405, "BROKER_REFUSED", true],
    [406, "BROKER_REFUSED", false],
    [undefined, "BROKER_UNAVAILABLE", true],
  ])("gives reply code %s the code %s, retryable %s", (code, expected, retryable) => {
    const error = Object.assign(new Error('Operation failed: X; with message "NOT_FOUND - text"'), { code });
    expect(channelFailure(error, "doing it")).toMatchObject({ code: expected, retryable });
    if (code !== undefined) expect(channelFailure(error, "doing it").message).toContain(": text.");
  });

  it("tells channels that are used up from a connection that is lost", () => {
    const failure = channelFailure(new Error("No channels left to allocate"), "opening a channel");
    expect(failure).toMatchObject({ code: "BROKER_REFUSED", retryable: true });
    expect(failure.message).toMatch(/no channel left for opening a channel.*channel_max/);
  });
});
