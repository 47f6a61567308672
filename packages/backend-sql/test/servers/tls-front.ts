/** Stands before a PostgreSQL server that knows no TLS, and speaks it, or insists on it. */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

export interface TlsFront extends AsyncDisposable {
  readonly port: number;
  /** Sessions that began, by kind. */
  readonly encrypted: number;
  readonly plain: number;
}

export interface TlsFrontOptions {
  /** Of the server. */
  readonly url: string;
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Whether sessions in plain text are refused, as `hostssl` does. */
  readonly insists: boolean;
}

const SSL_REQUEST = 80_877_103;

export async function startTlsFront({ url, key, cert, insists }: TlsFrontOptions): Promise<TlsFront> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const count = { encrypted: 0, plain: 0 };
  const pass = (inner: Socket, first?: Buffer): void => {
    const outer = createConnection({ host: target.hostname, port: Number(target.port) });
    outer.on("error", () => inner.destroy());
    inner.on("error", () => outer.destroy());
    if (first !== undefined) outer.write(first);
    inner.pipe(outer).pipe(inner);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (first: Buffer) => {
      if (first.readInt32BE(4) === SSL_REQUEST) {
        socket.write("S");
        const secure = new TLSSocket(socket, { isServer: true, key, cert });
        secure.on("error", () => socket.destroy());
        secure.once("secure", () => {
          count.encrypted += 1;
          pass(secure);
        });
      } else {
        count.plain += 1;
        if (insists) socket.end(refusal());
        else pass(socket, first);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get encrypted() {
      return count.encrypted;
    },
    get plain() {
      return count.plain;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** As PostgreSQL 15 says it. */
function refusal(): Buffer {
  const text = 'no pg_hba.conf entry for host "127.0.0.1", user "u", database "d", no encryption';
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28000\0M${text}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
