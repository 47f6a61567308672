import { describe, expect, it } from "vitest";
import { createMessageName, isRedelivered, messageNameOrder, queueOf, redeliveredName } from "./message-name.js";

describe("message names", () => {
  it("look like kombu's", () => {
    expect(createMessageName("celery")).toMatch(
      /^\d+_[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.celery\.msg$/,
    );
  });

  it("sort in the order in which they were made", () => {
    const names = Array.from({ length: 2000 }, () => createMessageName("celery"));
    expect([...names].sort(messageNameOrder())).toEqual(names);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(["celery", "w1@host.celery.pidbox", "a.msg", "päris queue"])("give back the queue %j", (queue) => {
    expect(queueOf(createMessageName(queue))).toBe(queue);
    expect(queueOf(redeliveredName(createMessageName(queue)))).toBe(queue);
  });

  it("know files that are no messages", () => {
    expect(["celery.exchange", ".celeriac", "control", "x.msg", ""].map(queueOf)).toEqual(Array(5).fill(undefined));
  });

  it("keep their place when marked as redelivered", () => {
    const [first, second] = [createMessageName("celery"), createMessageName("celery")];
    const marked = redeliveredName(first);
    expect([isRedelivered(first), isRedelivered(marked)]).toEqual([false, true]);
    expect(redeliveredName(marked)).toBe(marked);
    expect([second, marked].sort(messageNameOrder())).toEqual([marked, second]);
  });

  it("sort by number, and put messages from before the last start of the machine first", () => {
    const names = ["999_a.q.msg", "1000_a.q.msg", "99000_a.q.msg", "999999_a.q.msg", "1000000_a.q.msg"];
    const order = messageNameOrder(100_000);
    expect([...names].reverse().sort(order)).toEqual([
      "999999_a.q.msg",
      "1000000_a.q.msg",
      "999_a.q.msg",
      "1000_a.q.msg",
      "99000_a.q.msg",
    ]);
  });

  it.each(["", "a/b", "a\0b", "é".repeat(91)])("refuse the queue %j", (queue) => {
    expect(() => createMessageName(queue)).toThrowError(expect.objectContaining({ code: "BROKER_REFUSED" }));
  });
});
