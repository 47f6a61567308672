import type { App, BrokerDescription, Queue } from "@celeriac/core";
import type { Pool, Worker } from "@celeriac/worker";
import { safeText } from "../terminal/safe-text.js";
import type { Colors } from "../terminal/terminal.js";

/** What a worker is about to do, for people. */
export function banner(app: App, worker: Worker, pool: Pool, version: string, { bold, cyan, dim }: Colors): string {
  const config: readonly (readonly [string, string])[] = [
    ["app", app.name],
    ["transport", brokerAddress(app.broker.description)],
    ["results", app.backend?.description ?? "disabled"],
    ["concurrency", `${pool.slots} (${pool.kind})`],
  ];
  const tasks = [...app.tasks.keys()].filter((name) => !name.startsWith("celery.")).sort();
  const point = dim(".>");
  const lines = [
    "",
    ` ${bold(cyan("celeriac"))} v${version}  ${bold(worker.hostname)}`,
    "",
    ` ${dim("[config]")}`,
    ...config.map(([name, value]) => ` ${point} ${`${name}:`.padEnd(12)} ${value}`),
    "",
    ` ${dim("[queues]")}`,
    ...worker.queues.map((queue) => ` ${point} ${queueLine(queue)}`),
    "",
    ` ${dim("[tasks]")}`,
    ...(tasks.length === 0
      ? [" (none: is the module that defines them imported?)"]
      : tasks.map((name) => `   . ${name}`)),
    "",
  ];
  return safeLines(lines);
}

/** The same facts for a log line. */
export function bannerFields(app: App, worker: Worker, pool: Pool): Readonly<Record<string, unknown>> {
  return {
    worker: worker.hostname,
    app: app.name,
    broker: brokerAddress(app.broker.description),
    results: app.backend?.description ?? null,
    pool: pool.kind,
    slots: pool.slots,
    queues: worker.queues.map((queue) => queue.name),
    tasks: app.tasks.size,
  };
}

/** `redis://user:**@host:6379/0`; a description holds no password. */
export function brokerAddress({ transport, hostname, port, virtualHost, userId }: BrokerDescription): string {
  const user = userId === undefined || userId === "" ? "" : `${userId}:**@`;
  const host = port === undefined ? hostname : `${hostname}:${port}`;
  return `${transport}://${user}${host}/${virtualHost.replace(/^\//, "")}`;
}

function queueLine({ name, exchange, routingKey }: Queue): string {
  return `${name.padEnd(16)} exchange=${exchange.name || "(default)"}(${exchange.type}) key=${routingKey}`;
}

/** Colours of ours are escape sequences too, so each line is made safe around them. */
function safeLines(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .split(/(\u001b\[\d+m)/)
        .map((part) => (/^\u001b\[\d+m$/.test(part) ? part : safeText(part)))
        .join(""),
    )
    .join("\n");
}
