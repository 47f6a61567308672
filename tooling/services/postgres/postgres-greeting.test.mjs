// @ts-check
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { greetPostgres } from "./postgres-greeting.mjs";

/**
 * @param {string} kind
 * @param {Buffer} body
 */
function message(kind, body) {
  const head = Buffer.alloc(5);
  head.write(kind, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const TRUSTED = message("R", Buffer.from([0, 0, 0, 0]));
const PASSWORD = message("R", Buffer.from([0, 0, 0, 5, 1, 2, 3, 4]));
const VERSION = message("S", Buffer.from("server_version\x0015.18 (Debian)\0"));
const OTHER = message("S", Buffer.from("is_superuser\0on\0"));
const REFUSED = message("E", Buffer.from("SFATAL\0C57P03\0Mthe database system is starting up\0\0"));

/**
 * @param {readonly Buffer[]} chunks - Sent one after the other to whoever says something.
 * @param {(url: string, heard: () => string) => Promise<void>} body
 */
async function withServer(chunks, body) {
  let heard = "";
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.once("data", (bytes) => {
      heard = bytes.toString("latin1");
      for (const chunk of chunks) socket.write(chunk);
    });
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    await body(`postgresql://me@127.0.0.1:${address.port}/shop`, () => heard);
  } finally {
    server.close();
  }
}

test("reads the version, however the answer is cut", async () => {
  const whole = Buffer.concat([TRUSTED, OTHER, VERSION]);
  await withServer([whole.subarray(0, 7), whole.subarray(7, 30), whole.subarray(30)], async (url, heard) => {
    assert.equal(await greetPostgres(url), "15.18 (Debian)");
    assert.match(heard(), /user\0me\0database\0shop\0\0$/);
  });
});

test("is content with a server that wants a password, and sends none", async () => {
  await withServer([PASSWORD], async (url) => assert.equal(await greetPostgres(url), ""));
});

test("rejects with the server's own words", async () => {
  await withServer([REFUSED], (url) => assert.rejects(greetPostgres(url), /the database system is starting up/));
});

test("rejects what is no PostgreSQL", async () => {
  await withServer([Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")], (url) =>
    assert.rejects(greetPostgres(url), /does not speak PostgreSQL's protocol/),
  );
});
