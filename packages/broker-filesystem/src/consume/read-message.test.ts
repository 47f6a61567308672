import { appendFile, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEnvelope } from "@celeriac/core/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CutMessage, type ReadMessage, readMessage } from "./read-message.js";

const message = {
  body: new TextEncoder().encode("[[],{},{}]"),
  contentType: "application/json",
  contentEncoding: "utf-8",
  headers: { id: "m0", nested: {} },
  properties: {},
};
const text = encodeEnvelope(message, { exchange: "", routingKey: "q", deliveryTag: "t" });

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "celeriac-read-"));
  path = join(folder, "message");
});
afterEach(() => rm(folder, { recursive: true }));

function cutOf(read: ReadMessage | CutMessage): CutMessage {
  if (read.raw !== undefined) throw new Error("The message should count as cut.");
  return read;
}

function readOf(read: ReadMessage | CutMessage): ReadMessage {
  if (read.raw === undefined) throw new Error("The message should not count as cut.");
  return read;
}

/** Where an inner object ends, so that the part looks closed. */
const AFTER_A_BRACE = text.indexOf("}") + 1;

describe("readMessage", () => {
  it.each([0, 1, 50, AFTER_A_BRACE])("reads a message of which %i characters were written first", async (written) => {
    await writeFile(path, text.slice(0, written));
    const cut = cutOf(await readMessage(path, 60_000));
    expect(cut.size).toBe(written);
    expect(await readMessage(path, 60_000, cut)).toEqual(cut);
    await appendFile(path, text.slice(written));
    expect(readOf(await readMessage(path, 60_000, cut)).envelope?.message.headers.id).toBe("m0");
  });

  it("gives up on a message that was left in the middle long ago", async () => {
    await writeFile(path, text.slice(0, 50));
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
    const { malformed, raw } = readOf(await readMessage(path, 5_000));
    expect(malformed?.code).toBe("E_ENVELOPE");
    expect(Buffer.from(raw).toString()).toBe(text.slice(0, 50));
  });

  it("gives up on one it has watched for long, whatever the time on the file", async () => {
    await writeFile(path, text.slice(0, 50));
    const toCome = new Date(Date.now() + 3_600_000);
    await utimes(path, toCome, toCome);
    const cut = cutOf(await readMessage(path, 5_000));
    const seenLongAgo = { ...cut, sinceMs: cut.sinceMs - 6_000 };
    expect(readOf(await readMessage(path, 5_000, seenLongAgo)).malformed?.code).toBe("E_ENVELOPE");
  });

  it("has patience with one that grows", async () => {
    await writeFile(path, text.slice(0, 50));
    const cut = cutOf(await readMessage(path, 5_000));
    await appendFile(path, text.slice(50, 60));
    const grown = cutOf(await readMessage(path, 5_000, { ...cut, sinceMs: cut.sinceMs - 6_000 }));
    expect(grown.size).toBe(60);
    expect(grown.sinceMs).toBeGreaterThanOrEqual(cut.sinceMs);
  });

  it("does not wait for a message that is complete and wrong", async () => {
    await writeFile(path, '{"no": "envelope"}');
    expect(readOf(await readMessage(path, 60_000)).malformed?.code).toBe("E_ENVELOPE");
  });
});
