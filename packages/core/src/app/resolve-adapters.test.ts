import { describe, expect, it } from "vitest";
import type { AdapterContext, BackendFactory, BrokerFactory } from "../ports/index.js";
import { createApp } from "./create-app.js";

interface Call {
  readonly url: string;
  readonly context: AdapterContext;
}

/** Factories that only note what they were asked for. */
function witnesses(): { readonly calls: Call[]; readonly adapters: readonly (BrokerFactory | BackendFactory)[] } {
  const calls: Call[] = [];
  const note = (url: string, context: AdapterContext): never => {
    calls.push({ url, context });
    throw new Error("noted");
  };
  const broker = { role: "broker" as const, schemes: ["amqp"], fromUrl: note };
  const backend = {
    role: "backend" as const,
    schemes: ["db+sqlite", "mongodb", "redis", "file", "rpc"],
    fromUrl: note,
  };
  return { calls, adapters: [broker, backend] };
}

describe("adapters named by a URL", () => {
  it("hear of all addresses and of the settings of the connection", () => {
    const { calls, adapters } = witnesses();
    const app = createApp("t", { adapters, brokerUrl: ["amqp://a", "amqp://b"], brokerHeartbeat: 7 });
    expect(() => app.broker).toThrow("noted");
    expect(calls).toMatchObject([
      { url: "amqp://a", context: { alternates: ["amqp://b"], connection: { heartbeat: 7, loginMethod: null } } },
    ]);
  });

  it("find the database by database_url, with Celery's settings of it", () => {
    const { calls, adapters } = witnesses();
    const databaseTableNames = { task: "mine" };
    const app = createApp("t", {
      adapters,
      resultBackend: "database",
      databaseUrl: "sqlite:///x.db",
      databaseTableNames,
    });
    expect(() => app.backend).toThrow("noted");
    expect(calls[0]?.url).toBe("db+sqlite:///x.db");
    expect(calls[0]?.context.transportOptions).toMatchObject({ database_table_names: { task: "mine" } });
    expect(() => createApp("t", { adapters, resultBackend: "database" }).backend).toThrow(/databaseUrl.*must be set/s);
  });

  it.each([
    ["rpc://", { result_compression: "zlib" }],
    ["redis://h", {}],
    ["file:///x", {}],
    ["mongodb://h", {}],
  ])("hear of result_compression at %s only where Python reads what it makes", (resultBackend, expected) => {
    const { calls, adapters } = witnesses();
    expect(() => createApp("t", { adapters, resultBackend, resultCompression: "zlib" }).backend).toThrow("noted");
    expect(calls[0]?.context.transportOptions).toEqual(expected);
    const resultBackendTransportOptions = { result_compression: null };
    const off = { adapters, resultBackend, resultCompression: "zlib", resultBackendTransportOptions };
    expect(() => createApp("t", off).backend).toThrow("noted");
    expect(calls[1]?.context.transportOptions).toEqual(resultBackendTransportOptions);
  });

  it("get mongodb_backend_settings, which transport options overrule", () => {
    const { calls, adapters } = witnesses();
    const mongodbBackendSettings = { database: "jobs", taskmeta_collection: "mine" };
    const resultBackendTransportOptions = { database: "other" };
    const app = createApp("t", {
      adapters,
      resultBackend: "mongodb://h",
      mongodbBackendSettings,
      resultBackendTransportOptions,
    });
    expect(() => app.backend).toThrow("noted");
    expect(calls[0]?.context.transportOptions).toEqual({ database: "other", taskmeta_collection: "mine" });
  });

  it.each([
    ["db+postgresql://h/d", "@celeriac/backend-sql"],
    ["mongodb://h", "@celeriac/backend-mongo"],
    ["rpc://", "@celeriac/backend-rpc"],
  ])("name the package to install when nothing claims %s", (resultBackend, name) => {
    expect(() => createApp("t", { resultBackend }).backend).toThrow(name);
  });
});
