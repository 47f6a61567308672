import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** Stands between us and a server, and breaks the connection in the ways in which networks do. */
export interface FaultProxy {
  readonly port: number;
  /** Passes nothing on any more, in either direction, and says nothing about it. */
  stall(): void;
  resume(): void;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Cuts every connection and takes no new ones. */
  close(): Promise<void>;
  /** Takes connections again, on the same port. */
  open(): Promise<void>;
  /** How many connections there are. */
  readonly connections: number;
}

/** @param url - Of the server; the proxy listens on 127.0.0.1. */
export async function startFaultProxy(url: string): Promise<FaultProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isStalled = false;
  let server: Server | undefined;
  let port = 0;

  const join = (inner: Socket): void => {
    const outer = createConnection({ host: target.hostname, port: Number(target.port) });
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => to.write(chunk));
      from.on("error", () => undefined);
      from.once("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isStalled) from.pause();
    }
  };
  const cut = (): void => {
    for (const socket of [...sockets]) socket.destroy();
  };
  const proxy: FaultProxy = {
    get port() {
      return port;
    },
    stall() {
      isStalled = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      isStalled = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    async close() {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      const closed = once(closing, "close");
      closing.close();
      cut();
      await closed;
    },
    async open() {
      server = createServer(join).listen(port, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      port = typeof address === "object" && address !== null ? address.port : 0;
    },
    get connections() {
      return sockets.size / 2;
    },
  };
  await proxy.open();
  return proxy;
}
