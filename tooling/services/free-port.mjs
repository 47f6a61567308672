// @ts-check
import { createServer } from "node:net";

/**
 * @param {number} [preferred] - Returned when nobody listens on it.
 * @returns {Promise<number>} A TCP port on 127.0.0.1 that was free a moment ago.
 */
export async function findFreePort(preferred) {
  if (preferred !== undefined && (await canListen(preferred)) !== undefined) return preferred;
  const port = await canListen(0);
  if (port === undefined) throw new Error("No free TCP port on 127.0.0.1.");
  return port;
}

/**
 * @param {number} port - 0 lets the system choose.
 * @returns {Promise<number | undefined>} The port listened on, undefined when it is taken.
 */
function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const listened = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(listened));
    });
  });
}
