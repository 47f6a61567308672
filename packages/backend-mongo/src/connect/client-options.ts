import type { MongoClientOptions } from "mongodb";
import type { BackendSettings } from "../options/backend-settings.js";
import type { MongoTarget } from "../options/mongo-url.js";

/** As Celery's. */
const POOL_SIZE = 10;
/** Shorter than a call, so that the call can say why no server was found. */
const SELECTION_SHARE = 0.7;
const LONGEST_SELECTION_MS = 5_000;

/**
 * Options of a client of ours. What the URL says counts more than our defaults, and what the user says more than both.
 * Nothing waits for a dead server much longer than a call does.
 */
export function clientOptions(target: MongoTarget, settings: BackendSettings): MongoClientOptions {
  const { timeoutMs, place, driverOptions } = settings;
  const defaults: MongoClientOptions = {
    appName: "celeriac",
    maxPoolSize: POOL_SIZE,
    serverSelectionTimeoutMS: Math.min(timeoutMs * SELECTION_SHARE, LONGEST_SELECTION_MS),
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
  };
  const absent = Object.entries(defaults).filter(([name]) => !target.options.has(name.toLowerCase()));
  const { user, password } = place;
  return {
    ...Object.fromEntries(absent),
    ...(user === undefined ? {} : { auth: { username: user, ...(password === undefined ? {} : { password }) } }),
    ...driverOptions,
  };
}
