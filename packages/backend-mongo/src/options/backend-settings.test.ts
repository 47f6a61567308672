import { describe, expect, it } from "vitest";
import { mongoBackend } from "../create-mongo-backend.js";
import { parseBackendOptions, readBackendOptions } from "./backend-settings.js";

describe("options of the MongoDB backend", () => {
  it("are Celery's by default", () => {
    expect(parseBackendOptions({})).toMatchObject({
      expiresMs: 86_400_000,
      form: "json",
      collections: { task: "celery_taskmeta", group: "celery_groupmeta" },
      nativeChords: false,
      timeoutMs: 10_000,
    });
  });

  it("come from Celery's settings, what Celery does not know going to the driver", () => {
    const options = readBackendOptions({
      transportOptions: {
        mongodb_backend_settings: {
          database: "results",
          taskmeta_collection: "tasks",
          host: "db",
          port: 1,
          options: { tls: true },
          replicaSet: "rs",
          max_pool_size: 3,
        },
      },
      resultExpires: null,
      resultSerializer: "json",
    });
    expect(parseBackendOptions(options)).toMatchObject({
      database: "results",
      expiresMs: 0,
      collections: { task: "tasks" },
      place: { hosts: "db:1" },
      driverOptions: { tls: true, replicaSet: "rs", maxPoolSize: 3 },
    });
  });

  it("several hosts count more than one", () => {
    expect(parseBackendOptions({ mongoHost: ["a:1", "b:2"], host: "c" }).place.hosts).toBe("a:1,b:2");
    expect(parseBackendOptions({ host: "c" }).place.hosts).toBe("c:27017");
  });

  it.each<readonly [object, RegExp]>([
    [{ taskmetaCollection: "a$b" }, /taskmetaCollection: is "a\$b"/],
    [{ groupmetaCollection: "system.x" }, /system\./],
    [{ taskmetaCollection: "" }, /1 to 120 bytes/],
    [{ taskmetaCollection: "same", groupmetaCollection: "same" }, /name of another collection/],
    [{ database: "a b" }, /database: is "a b"/],
    [{ resultSerializer: "pickle" }, /one of json, bson/],
    [{ resultCompression: "lzma" }, /resultCompression: is "lzma"; it must be zlib, gzip or brotli/],
    [{ resultExpires: -1 }, /from 0 up/],
    [{ timeoutMs: 0 }, /above 0/],
    [{ nativeChord: true }, /Did you mean nativeChords/],
  ])("%j is refused", (options, words) => {
    expect(() => parseBackendOptions(options)).toThrow(words);
  });

  it("a password is never shown", () => {
    const transportOptions = { password: ["geheim"] };
    expect(() => readBackendOptions({ transportOptions })).toThrow(expect.not.stringContaining("geheim"));
  });

  it("credentials are not in the description", () => {
    expect(mongoBackend("mongodb://user:geheim@h1,h2/x").description).toBe("MongoDB h1,h2/x");
    expect(mongoBackend.schemes).toEqual(["mongodb", "mongodb+srv"]);
  });
});
