import { isUnsupported } from "../connect/mongo-failure.js";
import type { MongoServer } from "../connect/mongo-server.js";
import type { ChangeFeed } from "./change-listener.js";

/** Ids only: who hears of one reads the document. */
const PIPELINE = [
  { $match: { operationType: { $in: ["insert", "replace", "update"] } } },
  { $project: { documentKey: 1, operationType: 1 } },
];

/** How long the server keeps an answer back while nothing changes. */
const AWAIT_MS = 1_000;

/**
 * Opens a change stream on the results.
 * @param timeoutMs - After which a silent connection is given up.
 * @returns `undefined` where there are none: a single server, or one that only resembles MongoDB.
 */
export async function openChangeFeed(server: MongoServer, timeoutMs: number): Promise<ChangeFeed | undefined> {
  const { tasks, hasChangeStreams } = await server.open();
  if (!hasChangeStreams) return undefined;
  const stream = tasks.watch(PIPELINE, { maxAwaitTimeMS: Math.min(AWAIT_MS, Math.ceil(timeoutMs / 2)) });
  // The stream exists once it was read from; what is read may be a change already.
  let first: { readonly change: unknown } | undefined;
  try {
    first = { change: await stream.tryNext() };
  } catch (error) {
    await stream.close().catch(() => undefined);
    if (isUnsupported(error)) return undefined;
    throw error;
  }
  return {
    async next() {
      const change = first === undefined ? await stream.tryNext() : first.change;
      first = undefined;
      if (stream.closed) throw new Error("The change stream was closed.");
      return idOf(change);
    },
    close: () => stream.close(),
  };
}

function idOf(change: unknown): string | undefined {
  const key = typeof change === "object" && change !== null && "documentKey" in change ? change.documentKey : undefined;
  const id = typeof key === "object" && key !== null && "_id" in key ? key._id : undefined;
  return typeof id === "string" ? id : undefined;
}
