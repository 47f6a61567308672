import { randomUUID } from "node:crypto";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Broker } from "@celeriac/core/ports";
import type { BrokerFixture } from "@celeriac/testkit";
import { createMessageName } from "../src/folder/message-name.js";
import { type FilesystemBrokerOptions, filesystemBroker } from "../src/index.js";

/** A folder of its own, as the contract asks for. */
export async function createFolderFixture(
  options: FilesystemBrokerOptions = {},
): Promise<BrokerFixture & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "celeriac-broker-"));
  const brokers: Broker[] = [];
  const open = (): Broker => {
    const broker = filesystemBroker({ folder, partialGraceMs: 50, ...options });
    brokers.push(broker);
    return broker;
  };
  return {
    folder,
    broker: open(),
    createPeer: open,
    async putRaw(queue, bytes) {
      const staged = join(tmpdir(), randomUUID());
      await writeFile(staged, bytes);
      await rename(staged, join(folder, createMessageName(queue)));
    },
    async cleanup() {
      await Promise.allSettled(brokers.map((broker) => broker[Symbol.asyncDispose]()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
