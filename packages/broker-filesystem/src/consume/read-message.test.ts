import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEnvelope } from "@celeriac/core/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readMessage } from "./read-message.js";

const message = {
  body: new TextEncoder().encode("[[],{},{}]"),
  contentType: "application/json",
  contentEncoding: "utf-8",
  headers: { id: "m0" },
  properties: {},
};
const text = encodeEnvelope(message, { exchange: "", routingKey: "q", deliveryTag: "t" });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "celeriac-read-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("readMessage", () => {
  it.each([0, 1, 50])("waits for the rest of a message of which %i characters are written", async (written) => {
    const path = join(folder, "message");
    await writeFile(path, text.slice(0, written));
    const reading = readMessage(path, 5_000);
    await appendFile(path, text.slice(written));
    expect((await reading).envelope?.message.headers).toEqual({ id: "m0" });
  });

  it("gives up on a message that stays incomplete", async () => {
    const path = join(folder, "message");
    await writeFile(path, text.slice(0, 50));
    const { malformed, raw } = await readMessage(path, 30);
    expect(malformed?.code).toBe("E_ENVELOPE");
    expect(Buffer.from(raw).toString()).toBe(text.slice(0, 50));
  });

  it("does not wait for a message that is complete and wrong", async () => {
    const path = join(folder, "message");
    await writeFile(path, '{"no": "envelope"}');
    const { malformed } = await readMessage(path, 60_000);
    expect(malformed?.code).toBe("E_ENVELOPE");
  });
});
