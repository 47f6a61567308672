/** A TCP proxy that lets a command through and keeps its answer: "executed, but nobody knows". RELIABILITY F5. */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";

export interface FaultProxy {
  readonly url: string;
  /** From the next command that contains `text` on, its connection hears nothing any more. */
  swallowAnswerTo(text: string): void;
  /** Cuts all connections; new ones are served normally. */
  cut(): void;
  /** Resets new connections, or stops doing so. */
  refuse(refusing: boolean): void;
  stop(): Promise<void>;
}

export async function startProxy(port: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let trigger: string | undefined;
  let isRefusing = false;
  const server = createServer((client) => {
    if (isRefusing) {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection(port, "127.0.0.1");
    let deaf = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk) => {
      if (trigger !== undefined && chunk.includes(trigger)) {
        deaf = true;
        trigger = undefined;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!deaf) client.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  return {
    url: `redis://127.0.0.1:${typeof address === "object" ? address?.port : 0}/0`,
    swallowAnswerTo: (text) => {
      trigger = text;
    },
    cut,
    refuse: (refusing) => {
      isRefusing = refusing;
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
