import { randomUUID } from "node:crypto";

/** A virtual host for one suite, which goes when the suite is over. */
export interface RabbitStage extends AsyncDisposable {
  readonly url: string;
}

/** A RabbitMQ that can be told to make virtual hosts, or why there is none. */
export type FoundRabbit = { readonly url: string; readonly api: string } | { readonly missing: string };

/**
 * A virtual host has queues, exchanges and remote control of its own, so suites share one server and cannot meet. Making
 * one takes the management interface.
 */
export function findRabbit(env: NodeJS.ProcessEnv = process.env): FoundRabbit {
  const { CELERIAC_AMQP_URL: url = "", CELERIAC_AMQP_API: api = "" } = env;
  if (url === "") return { missing: "CELERIAC_AMQP_URL is not set (pnpm services up rabbitmq)" };
  return api === "" ? { missing: "CELERIAC_AMQP_API is not set: the suites need virtual hosts" } : { url, api };
}

/** @throws Error when there is no RabbitMQ, or it refuses to make a virtual host. */
export async function openRabbitStage(found: FoundRabbit = findRabbit()): Promise<RabbitStage> {
  if ("missing" in found) throw new Error(found.missing);
  const name = `interop-${randomUUID()}`;
  const { username } = new URL(found.url);
  await ask(found.api, "PUT", `vhosts/${name}`);
  await ask(found.api, "PUT", `permissions/${name}/${username || "guest"}`, {
    configure: ".*",
    write: ".*",
    read: ".*",
  });
  const url = new URL(found.url);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: () => ask(found.api, "DELETE", `vhosts/${name}`) };
}

async function ask(api: string, method: string, path: string, body?: unknown): Promise<void> {
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
  if (!response.ok) throw new Error(`RabbitMQ, ${method} ${path}: ${response.status} ${await response.text()}`);
}
