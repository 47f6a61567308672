/** A TCP proxy that can go deaf: connections stay open, and nothing passes any more. RELIABILITY F6. */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";

export interface CutProxy {
  readonly port: number;
  /** From now on what comes in either direction of existing connections vanishes; new ones are served normally. */
  blackhole(): void;
  stop(): Promise<void>;
}

export async function startProxy(target: number): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let generation = 0;
  const server = createServer((client) => {
    const born = generation;
    const upstream = createConnection(target, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("data", (chunk) => {
        if (born === generation) to.write(chunk);
      });
      from.on("close", () => {
        if (born === generation) to.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    blackhole: () => {
      generation += 1;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
