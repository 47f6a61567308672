import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultProxy } from "../src/proxy/fault-proxy.js";

/** Answers `ok <request>` to everything and remembers what it was asked. */
let server: Server;
let heard: string[];
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  heard = [];
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      heard.push(chunk.toString());
      socket.write(`ok ${chunk.toString()}`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy = await FaultProxy.listen({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy[Symbol.asyncDispose]();
  server.close();
});

async function open(): Promise<Socket> {
  const client = connect(proxy.port, "127.0.0.1");
  clients.push(client);
  client.on("error", () => undefined);
  await once(client, "connect");
  return client;
}

async function ask(client: Socket, text: string): Promise<string> {
  client.write(text);
  const [reply] = await once(client, "data");
  return String(reply);
}

/** `end` for a polite close, the error code for a reset. */
async function ending(client: Socket): Promise<string> {
  const how = new Promise<string>((resolve) => {
    client.once("end", () => resolve("end"));
    client.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
  });
  client.resume();
  return how;
}

describe("fault proxy", () => {
  it("carries bytes in both directions", async () => {
    expect(await ask(await open(), "hello")).toBe("ok hello");
    expect(proxy).toMatchObject({ open: 1, accepted: 1 });
  });

  it("cuts politely, and resets rudely", async () => {
    const [one, two] = [await open(), await open()];
    await ask(one, "a");
    await ask(two, "b");
    const ends = Promise.all([ending(one), ending(two)]);
    expect(proxy.cut()).toBe(2);
    expect(await ends).toEqual(["end", "end"]);
    const three = await open();
    await ask(three, "c");
    const reset = ending(three);
    proxy.rst();
    expect(await reset).toBe("ECONNRESET");
  });

  it("swallows everything in a blackhole, and lets it flow on afterwards", async () => {
    const client = await open();
    await ask(client, "before");
    proxy.blackhole();
    const reply = ask(client, "during");
    const outcome = await Promise.race([reply, once(await open(), "ready").then(() => "nothing"), tick(50)]);
    expect(outcome).toBe("nothing");
    expect(heard).toEqual(["before"]);
    proxy.resume();
    expect(await reply).toBe("ok during");
  });

  it("refuses new connections until told otherwise", async () => {
    proxy.refuse(true);
    const refused = connect(proxy.port, "127.0.0.1");
    clients.push(refused);
    expect(await ending(refused)).toBe("ECONNRESET");
    proxy.refuse(false);
    expect(await ask(await open(), "again")).toBe("ok again");
  });

  it("cuts before a matching request reaches the server", async () => {
    const client = await open();
    const cut = proxy.cutOn(/EVALSHA/, "before");
    expect(await ask(client, "PING")).toBe("ok PING");
    const end = ending(client);
    client.write("EVALSHA x");
    expect(await end).toBe("ECONNRESET");
    await cut;
    expect(heard).toEqual(["PING"]);
    expect(await ask(await open(), "EVALSHA y")).toBe("ok EVALSHA y");
  });

  it("cuts after the server has executed a matching request, losing the reply", async () => {
    const client = await open();
    const cut = proxy.cutOn(/LPUSH/, "after");
    const end = ending(client);
    client.write("LPUSH queue message");
    expect(await end).toBe("ECONNRESET");
    await cut;
    expect(heard).toEqual(["LPUSH queue message"]);
  });

  it("cuts as often as asked", async () => {
    const cut = proxy.cutOn(/x/, "before", 2);
    for (const text of ["x1", "x2"]) {
      const client = await open();
      const end = ending(client);
      client.write(text);
      expect(await end).toBe("ECONNRESET");
    }
    await cut;
    expect(heard).toEqual([]);
  });
});

/** What must not happen can only be waited for. */
function tick(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, ms, "nothing"));
}
