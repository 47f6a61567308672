import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetterRecord } from "@celeriac/core/ports";
import { describe, expect, it, type TestContext } from "vitest";
import { hasRabbit, serverPort, urlOf } from "../../amqp-connection/test/rabbit.js";
import { openOwnLab } from "./amqp-lab.js";

const recordOf = (index: number, detail = "d"): DeadLetterRecord => ({
  id: `r${index}`,
  reason: "E_BODY",
  at: index,
  queue: "q",
  raw: "x",
  worker: "w1@host",
  detail,
});

interface Road {
  /** Each way. */
  readonly delayMs?: number;
  /** From the server. */
  readonly bytesPerMs?: number;
}

/** A server that is far away, or behind a narrow road. Ends with the test. */
async function farAway(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  { delayMs = 0, bytesPerMs = Number.POSITIVE_INFINITY }: Road,
): Promise<number> {
  const server = createServer((client) => {
    const upstream = createConnection(serverPort(), "127.0.0.1");
    client.on("data", (chunk) => setTimeout(() => upstream.write(chunk), delayMs));
    upstream.on("data", async (chunk) => {
      upstream.pause();
      if (bytesPerMs < Number.POSITIVE_INFINITY) await sleep(chunk.length / bytesPerMs);
      upstream.resume();
      setTimeout(() => client.write(chunk), delayMs);
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe.skipIf(!hasRabbit)("dead letters in RabbitMQ", () => {
  it("are read over a slow network without a round trip for each", async (context) => {
    const lab = await openOwnLab(context);
    const near = lab.broker();
    await Promise.all(Array.from({ length: 1000 }, (_unused, index) => near.deadLetters.add(recordOf(index))));
    const far = lab.broker({}, urlOf(lab.host.name, await farAway(context, { delayMs: 10 })));
    const newest = await far.deadLetters.list({ limit: 3 });
    expect(newest.map(({ id }) => id)).toEqual(["r999", "r998", "r997"]);
    expect(await far.deadLetters.remove("r998")).toBe(true);
    expect(await far.deadLetters.remove("r998")).toBe(false);
    expect(await near.deadLetters.count()).toBe(999);
    expect((await near.deadLetters.list({ limit: 2 })).map(({ id }) => id)).toEqual(["r999", "r997"]);
  });

  it("are given back when reading them takes too long, which is what the error says", async (context) => {
    const lab = await openOwnLab(context);
    const near = lab.broker();
    const detail = "d".repeat(100_000);
    await Promise.all(Array.from({ length: 100 }, (_unused, index) => near.deadLetters.add(recordOf(index, detail))));
    const narrow = lab.broker({}, urlOf(lab.host.name, await farAway(context, { bytesPerMs: 2000 })));
    await narrow.deadLetters.count(); // connected
    const late = narrow.deadLetters.list({ timeoutMs: 2500 });
    await expect(late).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await expect(late).rejects.toThrow(/^Reading dead letters took longer than 2500 ms: \d+ were read until then/);
    expect(await near.deadLetters.list({ limit: 1000, timeoutMs: 20_000 })).toHaveLength(100);
  }, 60_000);

  it("are free for the next reader when one has left", async (context) => {
    const lab = await openOwnLab(context);
    const broker = lab.broker();
    await broker.deadLetters.add(recordOf(1));
    const abort = new AbortController();
    const abandoned = broker.deadLetters.list({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(abandoned).rejects.toThrow("enough");
    expect(await broker.deadLetters.list()).toEqual([recordOf(1)]);
    expect(await lab.broker().deadLetters.list()).toEqual([recordOf(1)]);
  });
});
