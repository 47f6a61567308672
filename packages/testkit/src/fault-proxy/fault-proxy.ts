import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** Stands between an adapter and its server, and breaks the connection in the ways in which networks do. */
export interface FaultProxy extends AsyncDisposable {
  /** On 127.0.0.1; the same after `close` and `open`. */
  readonly port: number;
  /** How many connections there are now. */
  readonly connections: number;
  /** Passes nothing on any more, in either direction, and says nothing about it: for deadlines. */
  stall(): void;
  /** Passes on what has piled up, and everything after it. */
  resume(): void;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Cuts every connection and takes no new ones: the server is down. */
  close(): Promise<void>;
  /** Takes connections again. */
  open(): Promise<void>;
}

/**
 * Starts a proxy in front of a server. The fixture of a contract gives the adapter its port, and has `stall` by it.
 * @param target - Where the server listens.
 * @throws Error when no port is free.
 */
export async function startFaultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let isStalled = false;
  let server: Server | undefined;
  let port = 0;

  const link = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("data", (chunk) => to.write(chunk));
    from.on("error", () => undefined); // a close follows
    from.once("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    if (isStalled) from.pause();
  };
  const cut = (): void => {
    for (const socket of [...sockets]) socket.destroy();
  };
  const open = async (): Promise<void> => {
    server = createServer((inner) => {
      const outer = createConnection(target);
      link(inner, outer);
      link(outer, inner);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address !== null && typeof address === "object") port = address.port;
  };
  const close = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, "close");
    closing.close();
    cut();
    await closed;
  };

  await open();
  return {
    get port() {
      return port;
    },
    get connections() {
      return sockets.size / 2;
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
    close,
    open,
    [Symbol.asyncDispose]: close,
  };
}
