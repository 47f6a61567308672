import { describe, expect, it } from "vitest";
import { isSecretName, maskUrl, maskValue } from "./mask.js";

describe("maskUrl", () => {
  it.each([
    ["redis://localhost:6379/0", "redis://localhost:6379/0"],
    ["redis://:geheim@host/0", "redis://********@host/0"],
    ["amqp://guest:geheim@host:5672//", "amqp://********@host:5672//"],
    ["redis://:ge/he@im@host/0", "redis://********@host/0"],
    ["redis://:geheim@a;redis://u:geheim@b/1", "redis://********@a;redis://********@b/1"],
    ["postgresql+psycopg://u:geheim@h/db?sslmode=on", "postgresql+psycopg://********@h/db?sslmode=on"],
    ["rediss://h/0?password=geheim&ssl_cert_reqs=none", "rediss://h/0?password=********&ssl_cert_reqs=none"],
    ["no url at all", "no url at all"],
  ])("shows %j as %j", (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
    expect(maskUrl(url)).not.toContain("geheim");
  });
});

describe("isSecretName", () => {
  it.each(["password", "redis_password", "apiKey", "secret_access_key", "accessToken", "PASSPHRASE", "key"])(
    "hides %s",
    (name) => {
      expect(isSecretName(name)).toBe(true);
    },
  );
  it.each(["routing_key", "routingKey", "key_prefix", "global_keyprefix", "host", "monkey"])("shows %s", (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe("maskValue", () => {
  it("goes into records, lists and maps", () => {
    const value = {
      host: "h",
      password: "geheim",
      nested: { token: "geheim", url: "redis://:geheim@h", routing_key: "a.b" },
      list: ["amqp://u:geheim@h//"],
      routes: new Map<unknown, unknown>([[/a/, { secret: "geheim", queue: "q" }]]),
      router: function byName() {},
      empty: { password: null },
    };
    const shown = maskValue(value);
    expect(JSON.stringify(shown)).not.toContain("geheim");
    expect(shown).toMatchObject({
      host: "h",
      password: "********",
      nested: { routing_key: "a.b", url: "redis://********@h" },
      routes: [["/a/", { secret: "********", queue: "q" }]],
      router: "[function byName]",
      empty: { password: null },
    });
  });

  it("ends on a value that holds itself", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(() => JSON.stringify(maskValue(loop))).not.toThrow();
  });
});
