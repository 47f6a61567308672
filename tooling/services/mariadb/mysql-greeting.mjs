// @ts-check
/** Just enough of MySQL's protocol to see whether a server is there: the tools work before anything is installed. */
import { createConnection } from "node:net";

const TIMEOUT_MS = 2_000;
const PROTOCOL_10 = 10;
const REFUSAL = 0xff;

/**
 * Reads the packet with which a server greets whoever connects.
 * @param {string} url - `mysql://user@host:port/database`; nobody logs in.
 * @returns {Promise<string>} The version, such as `10.11.19-MariaDB-0+deb12u1`.
 * @throws Error when nothing there speaks MySQL's protocol, or the server takes nobody.
 */
export function greetMysql(url) {
  const target = new URL(url);
  const address = { host: target.hostname || "localhost", port: Number(target.port || 3306) };
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
    socket.on("data", (/** @type {Buffer} */ chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 5 || received.length < 4 + received.readUIntLE(0, 3)) return;
      const body = received.subarray(4, 4 + received.readUIntLE(0, 3));
      finish(() => {
        if (body[0] === PROTOCOL_10) resolve(textFrom(body, 1));
        else if (body[0] === REFUSAL) reject(new Error(body.toString("utf8", 3)));
        else reject(new Error("what answers does not speak MySQL's protocol"));
      });
    });
  });
}

/**
 * @param {Buffer} bytes
 * @param {number} start
 */
function textFrom(bytes, start) {
  const end = bytes.indexOf(0, start);
  // MariaDB puts this in front so that old MySQL clients take it for a new server.
  return bytes.toString("utf8", start, end === -1 ? bytes.length : end).replace(/^5\.5\.5-/, "");
}
