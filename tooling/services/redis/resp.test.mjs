// @ts-check
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { askRedis } from "./resp.mjs";

/**
 * Runs `body` against a server that answers whatever it hears with `chunks`, one write each.
 * @param {readonly string[]} chunks
 * @param {(url: string, heard: () => string) => Promise<void>} body
 */
async function withServer(chunks, body) {
  let heard = "";
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.once("data", (bytes) => {
      heard = bytes.toString();
      for (const chunk of chunks) socket.write(chunk);
    });
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    await body(`127.0.0.1:${address.port}`, () => heard);
  } finally {
    server.close();
  }
}

test("reads every kind of single reply, however it is cut", async () => {
  await withServer(["+PO", "NG\r\n:12\r\n$4\r\na\r", "\nb\r\n$-1\r\n"], async (host) => {
    assert.deepEqual(await askRedis(`redis://${host}`, [["PING"], ["LLEN", "q"], ["GET", "k"], ["GET", "none"]]), [
      "PONG",
      "12",
      "a\r\nb",
      "",
    ]);
  });
});

test("signs in and chooses the database that the URL names, and keeps those replies to itself", async () => {
  await withServer(["+OK\r\n+OK\r\n:3\r\n"], async (host, heard) => {
    assert.deepEqual(await askRedis(`redis://me:p%40ss@${host}/5`, [["DBSIZE"]]), ["3"]);
    assert.equal(
      heard(),
      "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$4\r\np@ss\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n*1\r\n$6\r\nDBSIZE\r\n",
    );
  });
});

test("rejects with the server's own words", async () => {
  await withServer(["-NOAUTH Authentication required.\r\n"], async (host) => {
    await assert.rejects(askRedis(`redis://${host}`, [["PING"]]), /NOAUTH/);
  });
});

test("rejects when the server stays silent", async () => {
  await withServer([], async (host) => {
    await assert.rejects(askRedis(`redis://${host}`, [["PING"]], 30), /no answer within 30 ms/);
  });
});
