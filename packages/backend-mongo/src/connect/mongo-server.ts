/**
 * The server and our collections there: opened when first needed, by whoever needs them first, and shared.
 * @module
 */
import { withDeadline } from "@celeriac/core/lifecycle";
import type { Collection, CollectionOptions, Db, MongoClient } from "mongodb";
import type { BackendSettings } from "../options/backend-settings.js";
import { type MongoTarget, parseMongoUrl } from "../options/mongo-url.js";
import { clientOptions } from "./client-options.js";
import { makeIndexes } from "./indexes.js";
import { loadDriver } from "./load-driver.js";

/** A document of any of our collections. */
export interface StoredDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

/** A chord, as `chords/chord-documents.ts` has it. */
export interface StoredChord {
  readonly _id: string;
  readonly size?: number;
  readonly members?: readonly string[];
  readonly arrived?: number;
  readonly finisher?: string;
  readonly closed?: boolean;
  readonly touched_at?: Date;
}

/** A server that answers. */
export interface OpenedServer {
  readonly tasks: Collection<StoredDocument>;
  readonly groups: Collection<StoredDocument>;
  readonly chords: Collection<StoredChord>;
  readonly chordParts: Collection<StoredDocument>;
  /** Whether the server tells of changes: replica sets and sharded clusters do. */
  readonly hasChangeStreams: boolean;
}

export interface MongoServer extends AsyncDisposable {
  /** Without credentials. */
  readonly description: string;
  /** Whether it has answered. */
  readonly isOpen: boolean;
  /** The same one for all who ask, until opening it fails. */
  open(): Promise<OpenedServer>;
}

/** Closing waits for what is under way, which a dead server may keep from ending. */
const CLOSE_MS = 5_000;
const DATABASE = "celery";

/**
 * @param from - A URL, or a MongoClient that stays the caller's to close.
 * @throws ConfigError for a URL that is none of MongoDB's.
 */
export function createMongoServer(from: string | MongoClient, settings: BackendSettings): MongoServer {
  if (typeof from !== "string") {
    const hosts = from.options.srvHost ?? from.options.hosts.map(String).join(",");
    const database = settings.database ?? DATABASE;
    return lazily({
      description: `MongoDB ${hosts}/${database}`,
      settings,
      database,
      connect: () => from.connect(),
      close: async () => undefined,
    });
  }
  const target = parseMongoUrl(from, settings.place);
  const database = settings.database ?? target.database ?? DATABASE;
  return lazily({
    description: `MongoDB ${target.hosts}/${database}`,
    settings,
    database,
    connect: () => connect(target, settings),
    close: (client) => client.close(),
  });
}

interface LazyServer {
  readonly description: string;
  readonly settings: BackendSettings;
  readonly database: string;
  readonly connect: () => Promise<MongoClient>;
  readonly close: (client: MongoClient) => Promise<void>;
}

function lazily({ description, settings, database, connect, close }: LazyServer): MongoServer {
  let opening: Promise<OpenedServer> | undefined;
  let client: MongoClient | undefined;
  let indexing: Promise<void> | undefined;
  let isOpen = false;

  const open = async (): Promise<OpenedServer> => {
    client = await connect();
    const db = client.db(database);
    const hello = await db.command({ hello: 1 });
    const opened = collectionsOf(db, client, settings, "setName" in hello || hello.msg === "isdbgrid");
    isOpen = true;
    // Nobody waits for them: results are stored and found without, and making one may take long.
    indexing ??= makeIndexes(opened, settings);
    return opened;
  };
  return {
    description,
    get isOpen() {
      return isOpen;
    },
    open() {
      opening ??= open().catch(async (error: unknown) => {
        opening = undefined;
        if (client !== undefined) await close(client).catch(() => undefined);
        throw error;
      });
      return opening;
    },
    async [Symbol.asyncDispose]() {
      await opening?.catch(() => undefined);
      opening = undefined;
      if (client === undefined) return;
      const closed = Promise.all([close(client), indexing]);
      const bounded = { timeoutMs: CLOSE_MS };
      await withDeadline(closed, bounded, () => new Error("It closes too slowly.")).catch(() => undefined);
    },
  };
}

async function connect(target: MongoTarget, settings: BackendSettings): Promise<MongoClient> {
  const { MongoClient } = await loadDriver();
  const client = new MongoClient(target.url, clientOptions(target, settings));
  try {
    return await client.connect();
  } catch (error) {
    await client.close().catch(() => undefined);
    throw error;
  }
}

function collectionsOf(
  db: Db,
  client: MongoClient,
  { collections }: BackendSettings,
  hasChangeStreams: boolean,
): OpenedServer {
  const options: CollectionOptions = {
    // A secondary may not have yet what was stored before a watch began.
    readPreference: "primary",
    // What is stored must outlive the server that took it, unless the URL says otherwise.
    ...(client.options.writeConcern === undefined ? { writeConcern: { w: "majority" } } : {}),
    // Whatever a document holds is decoded here, where one that cannot be read does not take others down.
    enableUtf8Validation: false,
    promoteBuffers: false,
    promoteLongs: true,
    promoteValues: true,
    bsonRegExp: true,
    ignoreUndefined: true,
  };
  const named = (name: string): Collection<StoredDocument> => db.collection<StoredDocument>(name, options);
  return {
    tasks: named(collections.task),
    groups: named(collections.group),
    chords: db.collection<StoredChord>(collections.chord, options),
    chordParts: named(collections.chordPart),
    hasChangeStreams,
  };
}
