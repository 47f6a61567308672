import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SeenPush } from "../src/driver/broker-tap.js";
import { BrokerTap, parseWords } from "../src/driver/broker-tap.js";
import { findRedisServer, startRedis } from "../src/driver/redis-server.js";

/** Escapes as the server does: quotes, backslashes, control characters and bytes beyond ASCII. */
function print(text: string): string {
  const names: Readonly<Record<number, string>> = { 7: "a", 8: "b", 9: "t", 10: "n", 13: "r", 34: '"', 92: "\\" };
  const bytes = [...Buffer.from(text)].map((byte) => {
    if (names[byte] !== undefined) return `\\${names[byte]}`;
    return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${bytes.join("")}"`;
}

describe("words as MONITOR prints them", () => {
  it("are read back, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
        expect(parseWords(words.map(print).join(" "))).toEqual(words);
      }),
    );
  });
});

const redis = findRedisServer(process.env);

function envelope(id: string, more: Readonly<Record<string, unknown>> = {}): string {
  const body = Buffer.from(JSON.stringify([[7, "häder"], {}, {}])).toString("base64");
  return JSON.stringify({ body, headers: { id, task: "chaos.part", group: "g", ...more } });
}

describe.skipIf(redis === undefined && process.env.CI !== "true")("the tap", () => {
  it("reports what others put into the queue, however they do it, and nothing else", async () => {
    const dir = mkdtempSync(join(tmpdir(), "celeriac-tap-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    await using server = await startRedis(redis ?? "redis-server", dir);
    using tap = await BrokerTap.open({ host: server.host, port: server.port, queue: "q" });
    const seen: SeenPush[] = [];
    await tap.watch((push) => seen.push(push));
    await server.client.send("LPUSH", "q", envelope("one"), envelope("two", { retries: 1 }));
    await server.client.send(
      "EVAL",
      "redis.call('rpush', KEYS[1], ARGV[1])",
      "1",
      "q",
      envelope("three", { redelivered: true }),
    );
    await server.client.send("LPUSH", "other", envelope("four"));
    await server.client.send("LPUSH", "q", "no message");
    await tap.push(envelope("five"));
    await tap.caughtUp();
    expect(seen.map(({ id, attempt, isRedelivered }) => [id, attempt, isRedelivered])).toEqual([
      ["one", 0, false],
      ["two", 1, false],
      ["three", 0, true],
    ]);
    expect(seen[0]).toMatchObject({ task: "chaos.part", group: "g", args: [7, "häder"], text: envelope("one") });
  });
});
