import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { BSON } from "mongodb";

/** A server of which only the greeting is known. */
export interface StubServer extends AsyncDisposable {
  readonly url: string;
}

const HEADER = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

export type Document = Readonly<Record<string, unknown>>;

/** Answers a command, of which it is told the name and all of it. */
export type Answer = (name: string, command: Document) => Document | Promise<Document>;

/** Answers every command as it is told, in MongoDB's protocol. */
export function startStubServer(answer: Answer): Promise<StubServer> {
  return listen((socket) => {
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= HEADER && received.length >= received.readInt32LE(0)) {
        const length = received.readInt32LE(0);
        void replyTo(received.subarray(0, length), answer).then((reply) => {
          if (reply !== undefined) socket.write(reply);
        });
        received = received.subarray(length);
      }
    });
  });
}

/** Says the same to whatever it hears, as a server of another kind would. */
export function startStranger(words: string): Promise<StubServer> {
  return listen((socket) => socket.on("data", () => socket.end(words)));
}

async function listen(serve: (socket: Socket) => void): Promise<StubServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function replyTo(message: Buffer, answer: Answer): Promise<Buffer | undefined> {
  const opcode = message.readInt32LE(12);
  if (opcode !== OP_QUERY && opcode !== OP_MSG) return undefined;
  // Flags and the kind of a section; or flags, the name of a collection, and two numbers.
  const start = opcode === OP_MSG ? HEADER + 5 : message.indexOf(0, HEADER + 4) + 9;
  const command = BSON.deserialize(message.subarray(start));
  const [name = ""] = Object.keys(command);
  const document = BSON.serialize({ ...(await answer(name, command)) });
  const head = Buffer.alloc(opcode === OP_MSG ? HEADER + 5 : HEADER + 20);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(message.readInt32LE(4), 8);
  head.writeInt32LE(opcode === OP_MSG ? OP_MSG : OP_REPLY, 12);
  if (opcode === OP_QUERY) head.writeInt32LE(1, HEADER + 16);
  return Buffer.concat([head, document]);
}
