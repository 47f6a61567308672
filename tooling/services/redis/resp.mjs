// @ts-check
/**
 * Just enough Redis to ask a server one thing over a bare socket: the tools must work before anything is installed,
 * and must not judge our client with our client.
 */
import { createConnection } from "node:net";
import { connect as connectTls } from "node:tls";

/**
 * Sends commands one after the other on a connection of their own.
 * @param {string} url - `redis://[user:password@]host:port[/db]`, `rediss://` or `redis+socket:///path`.
 * @param {readonly (readonly string[])[]} commands
 * @param {number} [timeoutMs]
 * @returns {Promise<string[]>} One reply per command as text; integers in decimal, a missing value as "".
 * @throws Error when the server cannot be reached, is silent for `timeoutMs`, or answers with an error or an array.
 */
export function askRedis(url, commands, timeoutMs = 2_000) {
  const target = new URL(url);
  const all = [...greeting(target), ...commands];
  return new Promise((resolve, reject) => {
    const socket = open(target);
    let received = Buffer.alloc(0);
    const finish = (/** @type {() => void} */ settle) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(timeoutMs, () => finish(() => reject(new Error(`no answer within ${timeoutMs} ms`))));
    socket.once("error", (error) => finish(() => reject(error)));
    socket.once("close", () => reject(new Error("the server closed the connection")));
    socket.on("data", (/** @type {Buffer} */ chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const replies = readReplies(received, all.length);
        if (replies !== undefined) finish(() => resolve(replies.slice(all.length - commands.length)));
      } catch (error) {
        finish(() => reject(error));
      }
    });
    socket.write(all.map(encode).join(""));
  });
}

/** @param {URL} target */
function open(target) {
  if (target.protocol === "redis+socket:") return createConnection({ path: decodeURIComponent(target.pathname) });
  const address = { host: target.hostname.replace(/^\[|\]$/g, "") || "localhost", port: Number(target.port || 6379) };
  return target.protocol === "rediss:"
    ? connectTls({ ...address, servername: address.host })
    : createConnection(address);
}

/**
 * @param {URL} target
 * @returns {string[][]} Sign-in and choice of database, where the URL asks for them.
 */
function greeting(target) {
  const user = decodeURIComponent(target.username);
  const password = decodeURIComponent(target.password);
  const database = target.protocol === "redis+socket:" ? "" : target.pathname.slice(1);
  return [
    ...(password === "" ? [] : [user === "" ? ["AUTH", password] : ["AUTH", user, password]]),
    ...(database === "" ? [] : [["SELECT", database]]),
  ];
}

/** @param {readonly string[]} command */
function encode(command) {
  return `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join("")}`;
}

/**
 * @param {Buffer} bytes
 * @param {number} count
 * @returns {string[] | undefined} Undefined while bytes are missing.
 */
function readReplies(bytes, count) {
  /** @type {string[]} */
  const replies = [];
  let at = 0;
  while (replies.length < count) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const line = bytes.toString("utf8", at + 1, lineEnd);
    const kind = String.fromCharCode(bytes[at] ?? 0);
    at = lineEnd + 2;
    if (kind === "-") throw new Error(line);
    if (kind === "$" && line !== "-1") {
      const end = at + Number(line);
      if (bytes.length < end + 2) return undefined;
      replies.push(bytes.toString("utf8", at, end));
      at = end + 2;
    } else if (kind === "+" || kind === ":" || kind === "$") {
      replies.push(kind === "$" ? "" : line);
    } else {
      throw new Error(`a reply of kind "${kind}" is not expected here`);
    }
  }
  return replies;
}
