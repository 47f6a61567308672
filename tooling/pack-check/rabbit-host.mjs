// @ts-check
/**
 * A virtual host of RabbitMQ for one check, and what is in its queues: through the management interface, so that nothing
 * of ours judges itself.
 * @typedef {object} RabbitHost
 * @property {string} url
 * @property {(queue: string) => Promise<readonly { payload: string, properties: { headers?: Record<string, unknown> } }[]>} take
 *   All messages of a queue, which are then gone.
 * @property {() => Promise<void>} remove
 */

/**
 * @param {string} url - Of the server.
 * @param {string} api - `http://user:password@host:port`.
 * @returns {Promise<RabbitHost>}
 * @throws Error when the server refuses.
 */
export async function createRabbitHost(url, api) {
  const name = `pack-check-${process.pid}`;
  const user = new URL(url).username || "guest";
  await ask(api, "PUT", `vhosts/${name}`);
  await ask(api, "PUT", `permissions/${name}/${user}`, { configure: ".*", write: ".*", read: ".*" });
  const own = new URL(url);
  own.pathname = `/${name}`;
  const taking = { count: 10, ackmode: "ack_requeue_false", encoding: "auto" };
  return {
    url: own.href,
    take: (queue) => ask(api, "POST", `queues/${name}/${queue}/get`, taking),
    remove: async () => {
      await ask(api, "DELETE", `vhosts/${name}`);
    },
  };
}

/**
 * @param {string} api
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>} Looked at member by member.
 */
async function ask(api, method, path, body) {
  const { username, password, origin } = new URL(api);
  const credentials = [username, password].map(decodeURIComponent).join(":");
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`RabbitMQ, ${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
