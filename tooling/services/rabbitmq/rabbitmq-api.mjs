// @ts-check
/**
 * Just enough of RabbitMQ's management interface and of AMQP to see whether a server is there: the tools must work before
 * anything is installed.
 */
import { createConnection } from "node:net";
import { connect as connectTls } from "node:tls";

/** Generous: a node on a busy machine that is taken for dead is started a second time. */
const TIMEOUT_MS = 10_000;
const GREETING = Buffer.from("AMQP\0\0\x09\x01", "latin1");

/**
 * @param {string} api - `http://user:password@host:port`.
 * @returns {Promise<{ pid: number, version: string }>} Of the node that answers; its operating system's process id.
 * @throws Error when it does not answer, or not yet.
 */
export async function describeRabbit(api) {
  const { rabbitmq_version: version, node } = await ask(api, "/api/overview");
  const { os_pid: pid, running } = await ask(api, `/api/nodes/${encodeURIComponent(node)}`);
  // The process id is among the statistics, which come a moment later than the first answer.
  if (running !== true || !Number.isInteger(Number(pid))) throw new Error(`the node ${node} is not ready`);
  return { pid: Number(pid), version };
}

/**
 * Opens a connection and reads the first frame of the handshake: `connection.start` names product and version.
 * @param {string} url - `amqp://` or `amqps://`; nobody logs in.
 * @returns {Promise<string>} The version, "" when the server does not say.
 * @throws Error when nothing there speaks AMQP 0-9-1.
 */
export function greetRabbit(url) {
  const target = new URL(url);
  const secure = target.protocol === "amqps:";
  const address = { host: target.hostname || "localhost", port: Number(target.port || (secure ? 5671 : 5672)) };
  return new Promise((resolve, reject) => {
    const socket = secure ? connectTls({ ...address, rejectUnauthorized: false }) : createConnection(address);
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
      const isWhole = received.length >= 7 && received.length >= 8 + received.readUInt32BE(3);
      if (received[0] !== 1) finish(() => reject(new Error("what answers does not speak AMQP 0-9-1")));
      else if (isWhole)
        finish(() => resolve(/\x07versionS\0\0\0.([\d.]+)/s.exec(received.toString("latin1"))?.[1] ?? ""));
    });
    socket.once(secure ? "secureConnect" : "connect", () => socket.write(GREETING));
  });
}

/**
 * @param {string} api
 * @param {string} path
 * @returns {Promise<Record<string, any>>} Looked at member by member.
 */
async function ask(api, path) {
  const { username, password, origin } = new URL(api);
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers = { authorization: `Basic ${credentials}` };
  const response = await fetch(`${origin}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return /** @type {Promise<Record<string, any>>} */ (response.json());
}
