/**
 * The server of these tests, from behind the adapter's back: virtual hosts, what is declared, and the ways to break it.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { inject } from "vitest";
import { evaluate } from "./rabbit-shell.js";
import type { RabbitPlace } from "./start-rabbit.js";

const place: RabbitPlace = inject("rabbit");

/** Whether there is a server; the reason why not has been printed at the start. */
export const hasRabbit: boolean = place.missing === undefined;

function there(): Exclude<typeof place, { readonly missing: string }> {
  if (place.missing !== undefined) throw new Error(place.missing);
  return place;
}

/** A virtual host of its own. It goes with the server, as removing it takes longer than making it. */
export interface VirtualHost {
  readonly name: string;
  /** As guest, who may do everything. */
  readonly url: string;
  /** Asks the management interface about this virtual host: `list("queues")`. */
  list(kind: "queues" | "exchanges" | "bindings"): Promise<readonly Record<string, unknown>[]>;
}

let made = 0;

export async function createVirtualHost(): Promise<VirtualHost> {
  made += 1;
  const name = `case-${process.pid}-${made}`;
  await api("PUT", `vhosts/${name}`);
  await api("PUT", `permissions/${name}/guest`, { configure: ".*", write: ".*", read: ".*" });
  return {
    name,
    url: urlOf(name),
    list: (kind) => api("GET", `${kind}/${name}`),
  };
}

export function urlOf(virtualHost: string, port: number = serverPort(), credentials = "guest:guest"): string {
  return `amqp://${credentials}@127.0.0.1:${port}/${encodeURIComponent(virtualHost)}`;
}

export function serverPort(): number {
  return Number(new URL(there().url).port);
}

/** @throws Error with what the server answered. */
// biome-ignore lint/suspicious/noExplicitAny: answers of the management interface, looked at member by member
export async function api(method: string, path: string, body?: unknown): Promise<any> {
  const { origin } = new URL(there().api);
  const authorization = `Basic ${Buffer.from("guest:guest").toString("base64")}`;
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Does what `rabbitmqctl eval` does, without starting it. */
export function ctl(_verb: "eval", expression: string): Promise<string> {
  return evaluate(there().shell, expression);
}

/** Ends every connection of a virtual host, as an operator would. */
export async function closeConnections(virtualHost: string): Promise<void> {
  const tracked = `rabbit_connection_tracking:list(<<"${virtualHost}">>)`; // records; one of their members is the process
  const pids = `Record <- ${tracked}, Pid <- tuple_to_list(Record), is_pid(Pid)`;
  await ctl("eval", `[rabbit_networking:close_connection(Pid, "cut by a test") || ${pids}].`);
}

/** Makes the whole server stop answering: sockets stay open, nothing comes. */
export async function freeze(): Promise<void> {
  const { pid } = there();
  process.kill(pid, "SIGSTOP");
  // Its threads stop one by one; until the last has, it may answer.
  const threads = readdirSync(`/proc/${pid}/task`);
  const hasStopped = (thread: string): boolean =>
    /\) [Tt] /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"));
  while (!threads.every(hasStopped)) await new Promise(setImmediate);
}

export function thaw(): void {
  process.kill(there().pid, "SIGCONT");
}
