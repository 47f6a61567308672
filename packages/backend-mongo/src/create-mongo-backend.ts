import type { AdapterContext, BackendFactory, ResultBackend } from "@celeriac/core/ports";
import type { MongoClient } from "mongodb";
import { createMongoServer } from "./connect/mongo-server.js";
import { MongoBackend } from "./mongo-backend.js";
import { type MongoBackendOptions, parseBackendOptions, readBackendOptions } from "./options/backend-settings.js";
import { MONGO_SCHEMES } from "./options/mongo-url.js";

/** `mongoBackend(...)`, which is also the factory that claims `mongodb://` and `mongodb+srv://`. */
export interface MongoBackendFunction extends BackendFactory {
  /**
   * A result backend in MongoDB. No I/O before the first call.
   * @param source - URL as Celery takes it (default `mongodb://localhost`), or a MongoClient that stays the caller's to
   * close; it is connected at first use if it is not.
   * @throws ConfigError for a bad URL or bad options, all problems at once. A missing package `mongodb` is one too, and an
   * option that the driver does not know; those the first call throws.
   */
  (source?: string | MongoClient, options?: MongoBackendOptions): ResultBackend;
}

function create(
  source: string | MongoClient = "mongodb://localhost",
  options: MongoBackendOptions = {},
): ResultBackend {
  const settings = parseBackendOptions(options);
  return new MongoBackend(createMongoServer(source, settings), settings);
}

function fromUrl(url: string, context: AdapterContext): ResultBackend {
  return create(url, readBackendOptions(context));
}

/** @see MongoBackendFunction */
export const mongoBackend: MongoBackendFunction = /* @__PURE__ */ Object.assign(create, {
  role: "backend" as const,
  schemes: MONGO_SCHEMES,
  fromUrl,
});
