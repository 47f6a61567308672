/** What the integration tests of this package share: a virtual host, the backends on it, and a bare channel. */
import type { ResultBackend, ResultWatcher } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import { sampleRecord } from "@celeriac/testkit";
import { type Channel, connect } from "amqplib";
import { createVirtualHost, type VirtualHost } from "../../amqp-connection/test/rabbit.js";
import { type RpcBackendOptions, rpcBackend } from "../src/index.js";

/** A client or a worker: every one of this package has a reply queue. */
export type Rpc = ResultBackend & Required<Pick<ResultBackend, "replies">>;

export interface Lab {
  readonly host: VirtualHost;
  backend(options?: RpcBackendOptions, url?: string): Rpc;
  /** A channel from behind the adapter's back. */
  channel(): Promise<Channel>;
  close(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const host = await createVirtualHost();
  const opened: (() => Promise<unknown>)[] = [];
  return {
    host,
    backend: (options, url = host.url) => {
      const backend = rpcBackend(url, { onWarning: () => undefined, ...options });
      opened.push(async () => backend[Symbol.asyncDispose]());
      return withReplies(backend);
    },
    channel: async () => {
      const connection = await connect(host.url);
      opened.push(() => connection.close());
      return connection.createChannel();
    },
    close: async () => {
      await Promise.all(opened.map((close) => close().catch(() => undefined)));
    },
  };
}

function withReplies(backend: ResultBackend): Rpc {
  const { replies } = backend;
  if (replies === undefined) throw new Error("the rpc backend has no reply queue");
  return Object.assign(backend, { replies });
}

/** A result for whoever listens at `client`. */
export function resultFor(
  client: Rpc,
  taskId: string,
  ...rest: readonly [status?: string, value?: unknown, changes?: Partial<ResultRecord>]
): ResultRecord {
  const [status, value, changes] = rest;
  return sampleRecord(taskId, status, value, { replyTo: client.replies.address, ...changes });
}

/** `STATE:result` of everything a watcher hears, and a promise for each. */
export async function hear(watcher: ResultWatcher, taskId: string) {
  const heard: string[] = [];
  const waiting = new Set<() => void>();
  const errors: unknown[] = [];
  const watch = await watcher.watch(
    taskId,
    (meta: ResultMeta) => {
      heard.push(`${meta.status}:${JSON.stringify(meta.result)}`);
      for (const check of waiting) check();
    },
    { onError: (error) => errors.push(error) },
  );
  return {
    heard,
    errors,
    stop: () => watch[Symbol.asyncDispose](),
    until: (last: string): Promise<readonly string[]> =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!heard.includes(last)) return;
          waiting.delete(check);
          resolve(heard);
        };
        waiting.add(check);
        check();
      }),
  };
}
