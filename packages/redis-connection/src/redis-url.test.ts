import type { ConfigError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import type { RedisConnectionOptions } from "./connection-options.js";
import { parseRedisUrl } from "./redis-url.js";

function issuesOf(url: string, options: RedisConnectionOptions = {}): string {
  try {
    parseRedisUrl(url, options);
  } catch (error) {
    return (error as ConfigError).issues.map((issue) => `${issue.key} ${issue.message}`).join("\n");
  }
  return "";
}

describe("parseRedisUrl", () => {
  it.each([
    ["redis://", "127.0.0.1", 6379, 0],
    ["redis://localhost", "localhost", 6379, 0],
    ["redis://example.org:7000/3", "example.org", 7000, 3],
    ["redis://:6380/1", "127.0.0.1", 6380, 1],
    ["redis://h//4", "h", 6379, 4],
    ["redis://[::1]:6379/2", "::1", 6379, 2],
    ["redis://h?virtual_host=5", "h", 6379, 5],
  ])("reads %s", (url, host, port, db) => {
    expect(parseRedisUrl(url)).toMatchObject({ at: { host, port }, db });
  });

  it("reads credentials, percent-encoded or not", () => {
    expect(parseRedisUrl("redis://user:p%40ss%2F@h/0")).toMatchObject({ username: "user", password: "p@ss/" });
    expect(parseRedisUrl("redis://:100%@h")).toMatchObject({ password: "100%" });
    expect(parseRedisUrl("redis://h")).not.toHaveProperty("username");
    expect(parseRedisUrl("redis://a:b@h", { username: "c", password: "d" })).toMatchObject({
      username: "c",
      password: "d",
    });
  });

  it("verifies certificates unless told otherwise", () => {
    expect(parseRedisUrl("rediss://h").tls).toEqual({ verify: true, checkHostname: true });
    expect(parseRedisUrl("rediss://h?ssl_cert_reqs=CERT_NONE").tls?.verify).toBe(false);
    expect(parseRedisUrl("rediss://h?ssl_cert_reqs=none").tls?.verify).toBe(false);
    expect(parseRedisUrl("rediss://h?ssl_cert_reqs=optional").tls?.verify).toBe(true);
    expect(parseRedisUrl("rediss://h?ssl_ca_certs=%2Fa%20b&ssl_certfile=c&ssl_keyfile=k").tls).toMatchObject({
      caFile: "/a b",
      certFile: "c",
      keyFile: "k",
    });
  });

  it("reads unix sockets", () => {
    expect(parseRedisUrl("redis+socket:///run/redis%20x.sock?virtual_host=2")).toMatchObject({
      path: "/run/redis x.sock",
      db: 2,
    });
    expect(parseRedisUrl("redis+socket://user:p%40ss@/run/redis.sock")).toMatchObject({
      path: "/run/redis.sock",
      username: "user",
      password: "p@ss",
    });
  });

  it("reads sentinels", () => {
    const options = { masterName: "mymaster", sentinelKwargs: { password: "s", ssl: true } };
    expect(parseRedisUrl("sentinel://:pw@a:26380/1;sentinel://b;", options)).toMatchObject({
      sentinels: {
        hosts: [
          { host: "a", port: 26380 },
          { host: "b", port: 26379 },
        ],
        masterName: "mymaster",
        password: "s",
        tls: true,
      },
      db: 1,
      password: "pw",
    });
  });

  it("takes durations in seconds from the URL or the options", () => {
    expect(
      parseRedisUrl("redis://h?socket_timeout=2.5&socket_connect_timeout=1&health_check_interval=9"),
    ).toMatchObject({
      socketTimeoutMs: 2500,
      connectTimeoutMs: 1000,
      healthCheckIntervalMs: 9000,
    });
    expect(parseRedisUrl("redis://h?socket_timeout=2", { socketTimeout: 3 }).socketTimeoutMs).toBe(3000);
  });

  it.each([
    ["localhost:6379", /no Redis URL/],
    ["amqp://h", /no Redis URL/],
    ["redis://h/celery", /database "celery".*number/],
    ["redis://h:99999", /cannot be read/],
    ["redis://h?ssl_cert_reqs=none", /rediss:/],
    ["rediss://h?ssl_cert_reqs=maybe", /CERT_REQUIRED/],
    ["redis://h?db=2", /unknown parameter "db".*virtual_host/],
    ["redis://h?socket_timeout=soon", /seconds above 0/],
    ["redis+socket://", /socket path/],
    ["sentinel://h", /master_name/],
  ])("refuses %s and says what is wrong", (url, message) => {
    expect(issuesOf(url)).toMatch(message);
  });

  it("reports all problems at once, without the password", () => {
    const issues = issuesOf("redis://user:secret@h/x?nope=1");
    expect(issues.split("\n")).toHaveLength(2);
    expect(issues).not.toContain("secret");
    expect(issues).toContain("redis://user:**@h/x");
  });
});
