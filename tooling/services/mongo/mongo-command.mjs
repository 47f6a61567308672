// @ts-check
/** Just enough of MongoDB's protocol to ask a server something: the tools work before anything is installed. */
import { createConnection } from "node:net";
import { decodeDocument, encodeDocument } from "./bson.mjs";

const TIMEOUT_MS = 5_000;
const HEADER = 16;
const OP_MSG = 2013;

/**
 * Runs one command, without credentials.
 * @param {string} url - `mongodb://host:port/...`; of several hosts the first is asked.
 * @param {Readonly<Record<string, unknown>>} command - Its name first; text, numbers, objects and lists of them.
 * @returns {Promise<Readonly<Record<string, unknown>>>} The answer.
 * @throws Error when nothing there speaks MongoDB's protocol, or it refuses.
 */
export function askMongo(url, command) {
  const [, host = "localhost", port = "27017"] = /^mongodb:\/\/(?:[^@/]*@)?([^:/,?]+)(?::(\d+))?/.exec(url) ?? [];
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: Number(port) });
    let received = Buffer.alloc(0);
    const finish = (/** @type {() => void} */ settle) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(TIMEOUT_MS, () => finish(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`))));
    socket.once("error", (error) => finish(() => reject(error)));
    socket.once("close", () => reject(new Error("the server closed the connection")));
    socket.once("connect", () => socket.write(message({ ...command, $db: "admin" })));
    socket.on("data", (/** @type {Buffer} */ chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const answer = readAnswer(received);
        if (answer !== undefined) finish(() => resolve(answer));
      } catch (error) {
        finish(() => reject(error));
      }
    });
  });
}

/** @param {Readonly<Record<string, unknown>>} command */
function message(command) {
  const body = encodeDocument(command);
  const head = Buffer.alloc(HEADER + 5); // flags, and a section of one document
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}

/**
 * @param {Buffer} bytes
 * @returns {Readonly<Record<string, unknown>> | undefined} Undefined while it has not all come.
 */
function readAnswer(bytes) {
  if (bytes.length < HEADER) return undefined;
  if (bytes.readInt32LE(12) !== OP_MSG) throw new Error("what answers does not speak MongoDB's protocol");
  if (bytes.length < bytes.readInt32LE(0)) return undefined;
  const answer = decodeDocument(bytes.subarray(HEADER + 5));
  if (answer.ok !== 1) throw new Error(typeof answer.errmsg === "string" ? answer.errmsg : "it refused");
  return answer;
}
