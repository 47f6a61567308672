import type { ResultBackend } from "@celeriac/core/ports";
import { type BackendFixture, backendContract, type SkippedCase, sampleRecord } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { freeze, hasRabbit, thaw } from "../../amqp-connection/test/rabbit.js";
import type { RpcBackendOptions } from "../src/index.js";
import { openLab, type Rpc } from "./rpc-lab.js";

/**
 * Results go to whoever sent the task, and to nobody else: the kit, where any backend sees what another one stored, is a
 * client who asked for everything. So each store is sent to all of them.
 */
async function create(options: (index: number) => RpcBackendOptions): Promise<BackendFixture> {
  const lab = await openLab();
  const raw = await lab.channel();
  const clients: Rpc[] = [];
  const open = async (more: RpcBackendOptions = {}): Promise<ResultBackend> => {
    const client = lab.backend({ ...options(clients.length), ...more });
    await client.replies.open();
    clients.push(client);
    const { description, watcher, groups, refusesChords } = client;
    return {
      description,
      watcher,
      groups,
      ...(refusesChords === undefined ? {} : { refusesChords }),
      store: async (record, call) => {
        const copies = clients.map(({ replies }) => client.store({ ...record, replyTo: replies.address }, call));
        await Promise.all(copies);
      },
      fetch: (id, call) => client.fetch(id, call),
      forget: (id, call) => client.forget(id, call),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  };
  const backend = await open();
  await backend.store(sampleRecord("opens the connection"));
  return {
    backend,
    createPeer: () => open(),
    createCompressingPeer: () => open({ resultCompression: "zlib" }),
    putRaw: async (correlationId, text) => {
      const queue = clients[0]?.replies.address ?? "";
      raw.sendToQueue(queue, Buffer.from(text), { correlationId, contentType: "application/json" });
      await raw.checkQueue(queue); // taken, once this is answered
    },
    stall: freeze,
    cleanup: async () => {
      thaw();
      await lab.close();
    },
  };
}

const MESSAGES = "a result that is a message says neither when, nor in which group, nor of which task";
const NO_GROUPS = "nothing is kept beside the messages, as in Celery: UnsupportedOperation";

const SKIP: readonly SkippedCase[] = [
  ...[
    "the date is kept for ready states and absent for others",
    "group and parent come back, and stay absent when absent",
    "extended fields come back under their wire names",
    "stamps come back",
  ].map((name) => ({ case: name, reason: MESSAGES })),
  ...[
    "a group that was not saved is undefined",
    "a saved group is restored, from another backend too",
    "saving a group again replaces it",
    "a deleted group is gone, and deleting it again no error",
    "a group and a task of the same id do not touch each other",
    "odd group ids are kept apart",
    "group ids of 200 characters are kept apart",
  ].map((name) => ({ case: name, reason: NO_GROUPS })),
];

function run(name: string, options: (index: number) => RpcBackendOptions): void {
  describe.skipIf(!hasRabbit)(`the backend contract over rpc, ${name}`, () => {
    for (const one of backendContract(() => create(options), { skip: SKIP })) {
      // Every case has a virtual host of its own; those that freeze the server must be alone with it.
      const test = one.needs.includes("stall") ? it : it.concurrent;
      test(one.name, async ({ skip }) => {
        const outcome = await one.run();
        if (outcome.status === "skipped") skip(outcome.reason);
      });
    }
  });
}

run("queues of our own naming", () => ({}));
run("named queues that are persistent", (index) => ({ oid: `client ${index}`, resultPersistent: true }));
