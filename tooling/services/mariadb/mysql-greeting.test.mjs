// @ts-check
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { greetMysql } from "./mysql-greeting.mjs";

/** @param {Buffer} body */
function packet(body) {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  return Buffer.concat([head, body]);
}

/**
 * @param {readonly Buffer[]} chunks - What a server says by itself.
 * @param {(url: string) => Promise<unknown>} body
 */
async function withServer(chunks, body) {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    for (const chunk of chunks) socket.write(chunk);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    await body(`mysql://root@127.0.0.1:${address.port}/shop`);
  } finally {
    server.close();
  }
}

test("reads the version, however the greeting is cut", async () => {
  const greeting = packet(Buffer.from("\x0a5.5.5-10.11.19-MariaDB\0rest of the greeting"));
  await withServer([greeting.subarray(0, 2), greeting.subarray(2, 12), greeting.subarray(12)], async (url) => {
    assert.equal(await greetMysql(url), "10.11.19-MariaDB");
  });
});

test("rejects with the server's own words", async () => {
  const refusal = packet(Buffer.from([0xff, 0x10, 0x04, ...Buffer.from("Too many connections")]));
  await withServer([refusal], (url) => assert.rejects(greetMysql(url), /Too many connections/));
});

test("rejects what is no MySQL", async () => {
  await withServer([packet(Buffer.from("something else"))], (url) =>
    assert.rejects(greetMysql(url), /does not speak MySQL's protocol/),
  );
});
