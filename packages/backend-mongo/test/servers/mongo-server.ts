/**
 * The server that the tests run against, as the environment names it (`pnpm services`): MongoDB, or what stands in for it.
 * @module
 */
import { type FaultProxy, startFaultProxy } from "@celeriac/testkit";
import { type Collection, type Db, MongoClient } from "mongodb";

const url = process.env.CELERIAC_MONGO_URL ?? "";
const reason = 'no MongoDB: set CELERIAC_MONGO_URL, or run this in "pnpm services with mongo python -- ..."';
if (url === "" && process.env.CI === "true") throw new Error(reason);
if (url === "") console.warn(`Skipped: ${reason}`);

/** `undefined` when there is none. */
export const MONGO_URL: string | undefined = url === "" ? undefined : url;

/** What stands in these tests for documents of any shape. */
export interface AnyDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

/** An empty database of a test file's own, behind a proxy. */
export interface TestDatabase {
  readonly name: string;
  /** Through the proxy. */
  readonly url: string;
  /** Straight to the server, as others come. */
  readonly directUrl: string;
  readonly proxy: FaultProxy;
  /** Looks behind the adapter's back. */
  readonly db: Db;
  collection(name: string): Collection<AnyDocument>;
  readonly hasChangeStreams: boolean;
  drop(): Promise<void>;
}

let count = 0;

export async function createTestDatabase(): Promise<TestDatabase> {
  if (MONGO_URL === undefined) throw new Error("There is no MongoDB.");
  count += 1;
  const name = `celeriac_test_${process.pid}_${Date.now()}_${count}`;
  const client = await MongoClient.connect(MONGO_URL);
  const db = client.db(name);
  const [address = ""] = client.options.hosts.map(String);
  const { hostname: host, port } = new URL(`mongodb://${address}`);
  const proxy = await startFaultProxy({ host, port: Number(port) });
  const hello = await db.command({ hello: 1 });
  return {
    name,
    url: at(MONGO_URL, `127.0.0.1:${proxy.port}`, name),
    directUrl: at(MONGO_URL, address, name),
    proxy,
    db,
    collection: (collection) => db.collection<AnyDocument>(collection),
    hasChangeStreams: "setName" in hello,
    drop: async () => {
      await proxy.close();
      await db.dropDatabase();
      await client.close();
    },
  };
}

/** The same credentials and options, at another place. */
function at(original: string, address: string, database: string): string {
  const [, credentials = "", query = ""] = /^mongodb:\/\/([^@/]*@)?[^/?]*(?:\/[^?]*)?(?:\?(.*))?$/.exec(original) ?? [];
  const options = new URLSearchParams(query);
  options.set("directConnection", "true");
  if (credentials !== "" && !options.has("authSource")) options.set("authSource", "admin");
  return `mongodb://${credentials}${address}/${database}?${options}`;
}
