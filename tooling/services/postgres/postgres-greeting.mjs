// @ts-check
/** Just enough of PostgreSQL's protocol to see whether a server is there: the tools work before anything is installed. */
import { createConnection } from "node:net";

const TIMEOUT_MS = 2_000;
const PROTOCOL_3 = 196_608;

/**
 * Begins a session as the URL's user and reads the answer; no password is ever sent.
 * @param {string} url - `postgresql://user@host:port/database`.
 * @returns {Promise<string>} The version, "" when the server wants a password first.
 * @throws Error when nothing there speaks PostgreSQL's protocol, or the server does not take us yet.
 */
export function greetPostgres(url) {
  const target = new URL(url);
  const address = { host: target.hostname || "localhost", port: Number(target.port || 5432) };
  return new Promise((resolve, reject) => {
    const socket = createConnection(address);
    let received = Buffer.alloc(0);
    const finish = (/** @type {() => void} */ settle) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(TIMEOUT_MS, () => finish(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`))));
    socket.once("error", (error) => finish(() => reject(error)));
    socket.once("close", () => reject(new Error("the server closed the connection")));
    socket.once("connect", () => socket.write(startup(target)));
    socket.on("data", (/** @type {Buffer} */ chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const version = readVersion(received);
        if (version !== undefined) finish(() => resolve(version));
      } catch (error) {
        finish(() => reject(error));
      }
    });
  });
}

/** @param {URL} target */
function startup(target) {
  const user = decodeURIComponent(target.username) || "postgres";
  const database = decodeURIComponent(target.pathname.slice(1)) || user;
  const text = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + text.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, text]);
}

/**
 * @param {Buffer} bytes - Messages of the server, each a letter, its length and its body.
 * @returns {string | undefined} Undefined while the one that decides has not come.
 */
function readVersion(bytes) {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const kind = bytes.toString("latin1", at, at + 1);
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (!"RSKZEN".includes(kind)) throw new Error("what answers does not speak PostgreSQL's protocol");
    if (end > bytes.length) return undefined;
    const body = bytes.subarray(at + 5, end);
    if (kind === "R" && body.readInt32BE(0) !== 0) return "";
    if (kind === "E") throw new Error(/\0M([^\0]*)/.exec(`\0${body.toString()}`)?.[1] ?? "it refused");
    if (kind === "S" && body.toString().startsWith("server_version\0")) return body.toString().split("\0")[1] ?? "";
    at = end;
  }
  return undefined;
}
