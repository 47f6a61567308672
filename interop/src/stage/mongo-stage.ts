import { randomUUID } from "node:crypto";
import type { FoundPython } from "../peer/find-python.js";
import { findPython } from "../peer/find-python.js";
import { runPython } from "../peer/run-python.js";

/** A database for one suite, which goes when the suite is over. */
export interface MongoStage extends AsyncDisposable {
  readonly url: string;
}

/** A MongoDB and a Python that can work with it, or why there is none. */
export type FoundMongo = { readonly url: string; readonly python: string } | { readonly missing: string };

/** @param found - The interpreter whose drivers count. Default: the one that `CELERIAC_PYTHON` names. */
export function findMongo(env: NodeJS.ProcessEnv = process.env, found: FoundPython = findPython(env)): FoundMongo {
  const { CELERIAC_MONGO_URL: url = "" } = env;
  if (url === "") return { missing: "CELERIAC_MONGO_URL is not set (pnpm services up mongo)" };
  if ("missing" in found) return found;
  const { path, modules } = found.python;
  if (!modules.includes("pymongo")) {
    return { missing: `${path} cannot import pymongo: results in MongoDB need it` };
  }
  return { url, python: path };
}

const DROP = `
import sys, pymongo
with pymongo.MongoClient(sys.argv[1]) as client:
    client.drop_database(sys.argv[2])
`;

/** The database comes to be with the first result. @throws Error when there is no MongoDB. */
export async function openMongoStage(found: FoundMongo = findMongo()): Promise<MongoStage> {
  if ("missing" in found) throw new Error(found.missing);
  const name = `interop_${randomUUID().replaceAll("-", "")}`;
  return {
    url: inDatabase(found.url, name),
    [Symbol.asyncDispose]: () => runPython(found.python, DROP, [found.url, name]),
  };
}

/** The same server by the same account: drivers look for accounts in the URL's database, unless it says where they are. */
export function inDatabase(url: string, name: string): string {
  const [, server = url, credentials = "", query = ""] =
    /^(mongodb(?:\+srv)?:\/\/([^@/]*@)?[^/?]*)(?:\/[^?]*)?(?:\?(.*))?$/.exec(url) ?? [];
  const options = new URLSearchParams(query);
  if (credentials !== "" && !options.has("authSource")) options.set("authSource", "admin");
  return `${server}/${name}${options.size === 0 ? "" : `?${options}`}`;
}
