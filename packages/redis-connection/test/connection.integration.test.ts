import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RedisConnectionOptions } from "../src/connection-options.js";
import type { RedisConnection } from "../src/index.js";
import { defineScript, redisServer } from "../src/index.js";
import { freePort, hasRedisServer, type RedisFixture, startRedis } from "./redis-fixture.js";

const opened: AsyncDisposable[] = [];
const fixtures: RedisFixture[] = [];
const sentinelFolders: string[] = [];

async function start(args: readonly string[] = [], port?: number): Promise<RedisFixture> {
  const fixture = await startRedis(args, port);
  fixtures.push(fixture);
  return fixture;
}

function connect(url: string, options: RedisConnectionOptions = {}): RedisConnection {
  const connection = redisServer("broker", url, options).openCommands();
  opened.push(connection);
  return connection;
}

async function ping(url: string, options: RedisConnectionOptions = {}): Promise<unknown> {
  const connection = connect(url, options);
  await connection.whenReady(5000, "testing");
  return connection.send("ping", []);
}

describe.skipIf(!hasRedisServer)("openRedis", () => {
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]()));
    await Promise.all(fixtures.splice(0).map((one) => one.stop()));
    for (const folder of sentinelFolders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it("does no I/O before it is used", async () => {
    const warnings: string[] = [];
    redisServer("broker", "rediss://nowhere.invalid?ssl_ca_certs=/no/such/file&ssl_cert_reqs=none", {
      onWarning: (message) => void warnings.push(message),
    }).openCommands();
    expect(warnings).toEqual([expect.stringContaining("not verified")]);
  });

  it("connects to the database of the URL, under the given name", async () => {
    const redis = await start();
    const connection = connect(`redis://127.0.0.1:${redis.port}/3`, { clientName: "celeriac-test" });
    await connection.whenReady(5000, "testing");
    expect(await connection.send("client", ["info"])).toMatch(/name=celeriac-test .*db=3/);
  });

  it("speaks over a unix socket", async () => {
    const redis = await start(["--unixsocket", "{folder}/redis.sock"]);
    expect(await ping(`redis+socket://${redis.folder}/redis.sock?virtual_host=1`)).toBe("PONG");
  });

  it("logs in as an ACL user, and says so when it may not", async () => {
    const redis = await start();
    const raw = redis.client();
    await raw.call("acl", "setuser", "worker", "on", ">secret", "~*", "&*", "+@all", "-info");
    await raw.call("acl", "setuser", "default", "off");
    const at = `127.0.0.1:${redis.port}`;
    expect(await ping(`redis://worker:secret@${at}`)).toBe("PONG");
    await expect(ping(`redis://worker:wrong@${at}`)).rejects.toMatchObject({ code: "BROKER_AUTH", retryable: false });
    await expect(ping(`redis://${at}`)).rejects.toMatchObject({ code: "BROKER_AUTH" });
  });

  it("encrypts, and verifies by default", async () => {
    const port = await freePort();
    const redis = await start(["--save", ""]);
    const openssl = (...args: readonly string[]) =>
      execFileSync("openssl", args, { cwd: redis.folder, stdio: "ignore" });
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
    );
    const file = (name: string) => join(redis.folder, name);
    await start(
      [
        "--port",
        "0",
        "--tls-port",
        String(port),
        "--tls-cert-file",
        file("cert.pem"),
        "--tls-key-file",
        file("key.pem"),
        "--tls-auth-clients",
        "no",
      ],
      port,
    );
    const ca = encodeURIComponent(file("cert.pem"));
    expect(await ping(`rediss://localhost:${port}?ssl_ca_certs=${ca}`)).toBe("PONG");
    expect(await ping(`rediss://127.0.0.1:${port}?ssl_ca_certs=${ca}&ssl_check_hostname=false`)).toBe("PONG");
    expect(await ping(`rediss://127.0.0.1:${port}?ssl_cert_reqs=none`, { onWarning: () => undefined })).toBe("PONG");
    for (const url of [`rediss://localhost:${port}`, `rediss://127.0.0.1:${port}?ssl_ca_certs=${ca}`]) {
      const connection = connect(url);
      // At once: waiting out the time of a caller would not mend it.
      await expect(connection.whenReady(60_000, "testing")).rejects.toMatchObject({
        code: "BROKER_UNAVAILABLE",
        retryable: false,
        message: expect.stringMatching(/certificate|altnames/i),
      });
    }
    await expect(ping(`rediss://localhost:${port}?ssl_ca_certs=/no/such/file`)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });

  it("finds the master through sentinels, and the new one after a failover", async () => {
    const master = await start();
    const replica = await start(["--replicaof", "127.0.0.1", String(master.port)]);
    const sentinelPort = await freePort();
    const monitor = [
      "sentinel monitor mymaster 127.0.0.1 {port} 1",
      "sentinel down-after-milliseconds mymaster 300",
      "sentinel failover-timeout mymaster 2000",
    ].join("\n");
    await startSentinel(sentinelPort, monitor.replace("{port}", String(master.port)));
    const connection = connect(`sentinel://127.0.0.1:${sentinelPort}/0`, { masterName: "mymaster" });
    await connection.whenReady(5000, "testing");
    expect(await portOf(connection)).toBe(master.port);
    const back = new Promise<void>((resolve) => {
      connection.onReady(resolve);
    });
    await waitForReplica(replica);
    await master.kill();
    await back;
    // A sentinel may cut the clients of the new master once more while it promotes it.
    const write = async (): Promise<unknown> => {
      await connection.whenReady(5000, "testing");
      return [await portOf(connection), await connection.send("set", ["k", "v"])];
    };
    await expect.poll(() => write().catch(String), { timeout: 10_000 }).toEqual([replica.port, "OK"]);
  });

  it("rejects what was in flight when the connection drops, and comes back by itself", async () => {
    const redis = await start();
    const connection = redisServer("broker", redis.url).openBlocking(60_000);
    opened.push(connection);
    await connection.whenReady(5000, "testing");
    const lost = new Promise((resolve) => {
      connection.onLost(resolve);
    });
    const waiting = connection.send("blpop", ["nothing", 0]);
    waiting.catch(() => undefined);
    await redis.client().call("client", "kill", "type", "normal", "skipme", "yes");
    await expect(waiting).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await lost;
    await connection.whenReady(5000, "testing");
    expect(await connection.send("ping", [])).toBe("PONG");
  });

  it("drops a connection that has gone silent", async () => {
    const redis = await start();
    const connection = connect(redis.url, { socketTimeout: 0.2 });
    await connection.whenReady(5000, "testing");
    redis.pause();
    await expect(connection.send("ping", [])).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    redis.resume();
    await connection.whenReady(5000, "testing");
    expect(await connection.send("ping", [])).toBe("PONG");
  });

  it("notices an idle connection that has gone silent", async () => {
    const redis = await start();
    const connection = connect(redis.url, { healthCheckInterval: 0.1, socketTimeout: 0.2 });
    await connection.whenReady(5000, "testing");
    const lost = new Promise((resolve) => {
      connection.onLost(resolve);
    });
    redis.pause();
    await lost;
    redis.resume();
    await connection.whenReady(5000, "testing");
  });

  it("moves on when the server has become a replica", async () => {
    const redis = await start();
    const connection = connect(redis.url);
    await connection.whenReady(5000, "testing");
    const lost = new Promise((resolve) => {
      connection.onLost(resolve);
    });
    await redis.client().replicaof("127.0.0.1", await freePort());
    await expect(connection.send("set", ["k", "v"])).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: true });
    await lost;
  });

  it("waits no longer for a server than asked", async () => {
    const connection = connect(`redis://127.0.0.1:${await freePort()}`);
    const startedAt = performance.now();
    await expect(connection.whenReady(200, "testing")).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it("runs scripts by digest, whether the server knows them or not", async () => {
    const redis = await start();
    const connection = connect(redis.url);
    await connection.whenReady(5000, "testing");
    const script = defineScript("return {KEYS[1], ARGV[1], 7}");
    expect(await connection.run(script, ["k"], ["a"])).toEqual(["k", "a", 7]);
    await connection.send("script", ["flush"]);
    expect(await connection.runForBytes(script, ["k"], [Buffer.from([255])])).toEqual([
      Buffer.from("k"),
      Buffer.from([255]),
      7,
    ]);
  });

  it("reports the outcome of each command of a pipeline", async () => {
    const redis = await start();
    const connection = connect(redis.url);
    await connection.whenReady(5000, "testing");
    const outcomes = await connection.sendMany([
      ["set", ["k", "v"]],
      ["lpush", ["k", "x"]],
      ["get", ["k"]],
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { code: "BROKER_REFUSED", retryable: false } });
  });

  it("refuses calls after it was closed, and lets those before finish", async () => {
    const redis = await start();
    const connection = connect(redis.url);
    await connection.whenReady(5000, "testing");
    const before = connection.send("set", ["k", "v"]);
    await connection[Symbol.asyncDispose]();
    expect(await before).toBe("OK");
    await expect(connection.send("ping", [])).rejects.toMatchObject({ code: "BROKER_CLOSED", retryable: false });
    await expect(connection.whenReady(100, "testing")).rejects.toMatchObject({ code: "BROKER_CLOSED" });
  });

  it("refuses a client with a key prefix", async () => {
    const redis = await start();
    const client = redis.client();
    client.options.keyPrefix = "x:";
    expect(() => redisServer("broker", client)).toThrow(/globalKeyprefix/);
  });

  it("reads what is stored under a channel's name in the same step, alone and for many at once", async () => {
    const redis = await start();
    const raw = redis.client();
    await raw.mset("a", "1", "b", "2", "c", "3");
    const subscriber = redisServer("broker", redis.url).openSubscriber();
    opened.push(subscriber);
    const heard: string[] = [];
    const listen = async (channel: string): Promise<string | undefined> => {
      const onMessage = (_channel: string, message: string): unknown => heard.push(message);
      const { stored } = await subscriber.listenAndRead(channel, { onMessage }, 5000);
      return stored === undefined ? ((await raw.get(channel)) ?? undefined) : stored.text;
    };
    expect(await listen("a")).toBe("1");
    expect(await Promise.all(["b", "c", "d"].map(listen))).toEqual(["2", "3", undefined]);
    for (const channel of ["a", "b", "c", "d"]) await raw.publish(channel, `news of ${channel}`);
    await expect.poll(() => heard).toEqual(["news of a", "news of b", "news of c", "news of d"]);
  });

  it("a subscriber hears again after a cut, and leaves nothing subscribed", async () => {
    const redis = await start();
    const raw = redis.client();
    const subscriber = redisServer("broker", redis.url).openSubscriber();
    opened.push(subscriber);
    const heard: string[] = [];
    let resumed: () => void = () => undefined;
    const back = new Promise<void>((resolve) => {
      resumed = resolve;
    });
    const listen = (onMessage: (channel: string, message: string) => void) =>
      subscriber.listen("channel", "news", { onMessage, onResumed: () => resumed() }, 5000);
    const first = await listen((_channel, message) => heard.push(message));
    const second = await listen(() => undefined);
    await raw.call("client", "kill", "type", "pubsub");
    await back;
    await raw.publish("news", "again");
    await second[Symbol.asyncDispose]();
    expect(await raw.pubsub("NUMSUB", "news")).toEqual(["news", 1]);
    await first[Symbol.asyncDispose]();
    await expect.poll(() => raw.pubsub("NUMSUB", "news")).toEqual(["news", 0]);
    expect(heard).toEqual(["again"]);
  });
});

async function startSentinel(port: number, config: string): Promise<RedisFixture> {
  const folder = mkdtempSync(join(tmpdir(), "celeriac-sentinel-"));
  sentinelFolders.push(folder);
  const path = join(folder, "sentinel.conf");
  writeFileSync(path, `${config}\n`);
  const fixture = await startRedis([path, "--sentinel", "--port", String(port)], port);
  fixtures.push(fixture);
  return fixture;
}

async function portOf(connection: RedisConnection): Promise<number> {
  return Number(/tcp_port:(\d+)/.exec(String(await connection.send("info", ["server"])))?.[1]);
}

async function waitForReplica(replica: RedisFixture): Promise<void> {
  const raw = replica.client();
  while (!(await raw.info("replication")).includes("master_link_status:up")) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
