import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "../src/index.js";

describe("the fault proxy", () => {
  let server: Server;
  let proxy: FaultProxy;
  const clients: Socket[] = [];

  beforeEach(async () => {
    server = createServer((socket) => void socket.on("error", () => undefined).pipe(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    proxy = await startFaultProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  });

  function open(): Socket {
    const client = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
    clients.push(client);
    return client;
  }
  async function echo(client: Socket, text: string): Promise<string> {
    client.write(text);
    const [answer] = await once(client, "data");
    return String(answer);
  }

  it("passes everything on", async () => {
    const client = open();
    expect(await echo(client, "hello")).toBe("hello");
    expect(proxy.connections).toBe(1);
  });

  it("keeps back what comes while it stalls, and passes it on later", async () => {
    const client = open();
    await echo(client, "warm");
    proxy.stall();
    const answer = echo(client, "late");
    const other = open(); // connections are taken meanwhile, and hear nothing either
    await once(other, "connect");
    const otherAnswer = echo(other, "later");
    expect(await Promise.race([answer, otherAnswer, new Promise((resolve) => setTimeout(resolve, 30, "quiet"))])).toBe(
      "quiet",
    );
    proxy.resume();
    expect(await Promise.all([answer, otherAnswer])).toEqual(["late", "later"]);
  });

  it("cuts what is open and takes new connections", async () => {
    const client = open();
    await echo(client, "warm");
    const closed = once(client, "close");
    proxy.cut();
    await closed;
    expect(await echo(open(), "again")).toBe("again");
  });

  it("takes no connection while it is closed, and has the same port afterwards", async () => {
    const { port } = proxy;
    await proxy.close();
    const [error] = await once(connect(port, "127.0.0.1"), "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    await proxy.open();
    expect(proxy.port).toBe(port);
    expect(await echo(open(), "again")).toBe("again");
  });
});
