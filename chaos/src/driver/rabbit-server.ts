/**
 * A RabbitMQ of our own for one run, started and ended by the workspace's services tool in the folder of the run: it is
 * broken on purpose, so nobody else may use it.
 * @module
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BrokerState } from "../auditor/broker-state.js";
import { type ConsumerTimeout, parseConsumerTimeouts } from "./parse-consumer-timeouts.js";

export interface OwnRabbit extends AsyncDisposable {
  readonly url: string;
  /** Path of a `rabbitmqctl` for this node. */
  readonly ctl: string;
  /** Runs `rabbitmqctl`. @throws Error with what it printed. */
  control(...words: readonly string[]): Promise<string>;
  /** Closes every connection. Resolves when those there were are gone, and their clients have had time to notice. */
  closeConnections(): Promise<void>;
  /** Messages by place, about two seconds old: cheap, to be looked at often. */
  state(): Promise<BrokerState>;
  /** Channels that the server has closed so far because an ack was not there in time. */
  consumerTimeouts(): readonly ConsumerTimeout[];
  /** Names of the connections there are, by the port of their client. */
  connectionNames(): Promise<ReadonlyMap<number, string>>;
}

const TOOL = fileURLToPath(new URL("../../../tooling/services/services.mjs", import.meta.url));
const LOOK_MS = 50;
/** A client that is busy starts bodies until it reads that its connection is gone. */
const NOTICE_MS = 500;

/** @throws Error when there is none, or it does not start. */
export async function startRabbit(dir: string): Promise<OwnRabbit> {
  const folder = join(dir, "services");
  const services = (verb: string): Promise<unknown> =>
    promisify(execFile)(process.execPath, [TOOL, verb, "rabbitmq"], {
      env: { ...process.env, CELERIAC_SERVICES_FOLDER: folder, CELERIAC_AMQP_URL: "" },
    });
  await services("up");
  const { env } = JSON.parse(readFileSync(join(folder, "state.json"), "utf8")).provisions.rabbitmq;
  const { CELERIAC_AMQP_URL: url, CELERIAC_AMQP_CTL: ctl, CELERIAC_AMQP_API: api } = env;
  if (typeof url !== "string" || typeof ctl !== "string" || typeof api !== "string") {
    await services("down");
    throw new Error("RabbitMQ runs where rabbitmqctl cannot reach it; put rabbitmq-server on PATH.");
  }
  const control: OwnRabbit["control"] = async (...words) =>
    (await promisify(execFile)(ctl, ["--quiet", ...words])).stdout;
  const logs = join(folder, "rabbitmq", "log");
  return {
    url,
    ctl,
    control,
    async closeConnections() {
      const sinceMs = Date.now();
      await control("close_all_connections", "--vhost", "/", "cut by the chaos driver");
      while (await hasConnectionsOfBefore(api, sinceMs)) await pause(LOOK_MS);
      await pause(NOTICE_MS);
    },
    state: () => askState(api),
    consumerTimeouts: () => parseConsumerTimeouts(readLogs(logs)),
    async connectionNames() {
      const connections = (await ask(api, "connections")) as readonly Connection[];
      const named = connections.map(({ peer_port: port = 0, client_properties: client }) => {
        return [port, client?.connection_name ?? ""] as const;
      });
      return new Map(named);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await services("down");
    },
  };
}

/** The tool asks the server to close them, and does not wait for it. */
async function hasConnectionsOfBefore(api: string, sinceMs: number): Promise<boolean> {
  const connections = (await ask(api, "connections?columns=connected_at")) as readonly Connection[];
  return connections.some(({ connected_at: atMs = 0 }) => atMs < sinceMs);
}

interface Connection {
  readonly connected_at?: number;
  readonly peer_port?: number;
  readonly client_properties?: { readonly connection_name?: string };
}

async function ask(api: string, path: string): Promise<unknown> {
  const { username, password, origin } = new URL(api);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const response = await fetch(`${origin}/api/${path}`, { headers: { authorization } });
  return response.json();
}

async function askState(api: string): Promise<BrokerState> {
  const { queue_totals: totals } = (await ask(api, "overview")) as { readonly queue_totals?: QueueTotals };
  const { messages_ready: ready = 0, messages_unacknowledged: unacked = 0 } = totals ?? {};
  return { counts: { ready, unacked }, deadLetters: 0, deadLetterIds: new Set() };
}

interface QueueTotals {
  readonly messages_ready?: number;
  readonly messages_unacknowledged?: number;
}

function readLogs(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
  return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}
