import { spawnSync } from "node:child_process";
import { deflateSync } from "node:zlib";
import { createApp } from "@celeriac/core";
import type { ResultBackend } from "@celeriac/core/ports";
import type { ResultRecord } from "@celeriac/core/protocol";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort, hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { outlast } from "../../testkit/test/worker-on-backend.js";
import { type RedisBackendOptions, redisBackend } from "../src/index.js";

const PYTHON = process.env.CELERIAC_PYTHON ?? "python3";
const hasCelery = spawnSync(PYTHON, ["-c", "import celery, redis"]).status === 0;
if (!hasCelery && process.env.CI === "true") throw new Error(`no celery in "${PYTHON}": set CELERIAC_PYTHON`);
if (!hasCelery) console.warn(`Skipped: no celery in "${PYTHON}": pip install "celery[redis]", or set CELERIAC_PYTHON`);

function recordOf(taskId: string, status = "SUCCESS", result = "5"): ResultRecord {
  const dateDoneMs = status === "SUCCESS" ? 1_700_000_000_000 : null;
  return { taskId, status, result, traceback: null, children: [], dateDoneMs };
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 8000;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`did not happen: ${String(check)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.skipIf(!hasRedisServer)("the Redis result store", () => {
  let redis: RedisFixture;
  let raw: Redis;
  const opened: ResultBackend[] = [];

  const open = (options: RedisBackendOptions = {}, url = redis.url): ResultBackend => {
    const backend = redisBackend(url, options);
    opened.push(backend);
    return backend;
  };

  beforeEach(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((backend) => backend[Symbol.asyncDispose]()));
    await redis.stop();
  });

  it("stores and announces the identical text under Celery's key, with an expiry", async () => {
    const heard: string[] = [];
    const listener = redis.client();
    await listener.subscribe("celery-task-meta-t1");
    const announced = new Promise<void>((resolve) => {
      listener.on("message", (_channel, text) => {
        heard.push(text);
        resolve();
      });
    });
    await open().store(recordOf("t1"));
    await announced;
    const stored = (await raw.get("celery-task-meta-t1")) ?? "";
    expect(heard).toEqual([stored]);
    expect(JSON.parse(stored)).toEqual({
      status: "SUCCESS",
      result: 5,
      traceback: null,
      children: [],
      date_done: "2023-11-14T22:13:20+00:00",
      task_id: "t1",
    });
    expect(await raw.ttl("celery-task-meta-t1")).toBeGreaterThan(86_390);
  });

  it("keeps results for ever when asked to, and puts the prefix in front", async () => {
    await open({ resultExpires: null, globalKeyprefix: "shop" }).store(recordOf("t1"));
    expect(await raw.keys("*")).toEqual(["shop_celery-task-meta-t1"]);
    expect(await raw.ttl("shop_celery-task-meta-t1")).toBe(-1);
  });

  it("keeps a group for a day at least: a chord reads its shape when the last member ends", async () => {
    await open({ resultExpires: 1 }).groups.save("g1", [["g1", null], [[["t1", null], null]]]);
    expect(await raw.ttl("celery-taskset-meta-g1")).toBeGreaterThan(86_390);
  });

  it.each([
    ["ours", '{"status":"SUCCESS","result":1,"task_id":"t"}'],
    ["Python's", '{"status": "SUCCESS", "result": 1, "task_id": "t"}'],
    ["another order", '{"result": 1, "task_id": "t", "status": "SUCCESS"}'],
    ["too deep for the server's JSON", `{"status": "SUCCESS", "result": ${"[".repeat(1500)}${"]".repeat(1500)}}`],
  ])("keeps a stored SUCCESS (%s)", async (_name, text) => {
    await raw.set("celery-task-meta-t", text);
    await open().store(recordOf("t", "FAILURE", '{"exc_type":"E","exc_message":[],"exc_module":"m"}'));
    expect(await raw.get("celery-task-meta-t")).toBe(text);
  });

  it.each(['{"status": "FAILURE", "result": "no SUCCESS"}', "not JSON, but SUCCESS", '["SUCCESS"]'])(
    "overwrites what only mentions SUCCESS: %s",
    async (text) => {
      await raw.set("celery-task-meta-t", text);
      await open().store(recordOf("t"));
      expect((await open().fetch("t"))?.status).toBe("SUCCESS");
    },
  );

  it("keeps long results compressed when told to, and what chords and short ones are as Celery has them", async () => {
    const backend = open({ resultCompression: "zlib" });
    const long = JSON.stringify("all work and no play ".repeat(500));
    await backend.store(recordOf("long", "SUCCESS", long));
    await backend.store(recordOf("failed", "FAILURE", long));
    await backend.store(recordOf("short"));
    expect(await raw.get("celery-task-meta-long")).toMatch(/^~celeriac;zlib;SUCCESS\n[\w+/]{50,400}=*$/);
    expect(await raw.get("celery-task-meta-failed")).toMatch(/^~celeriac;zlib;\n/);
    expect(await raw.get("celery-task-meta-short")).toMatch(/^\{/);
    const part = { groupId: "g", taskId: "t", groupIndex: 0, status: "SUCCESS", result: long, size: 2 } as const;
    await backend.chords?.addPart(part);
    await backend.groups.save("g", [
      ["g", null],
      Array.from({ length: 100 }, (_, index) => [[`t${index}`, null], null]),
    ]);
    expect(await raw.zrange("celery-taskset-meta-g.j", "0", "-1")).toEqual([`[1, "t", "SUCCESS", ${long}]`]);
    expect(await raw.get("celery-taskset-meta-g")).toMatch(/^\{"result"/);
  });

  it.each(["SUCCESS;\n", ";SUCCESS", ";\nSUCCESS", "SUCCESS"])(
    "does not take a compressed state for final that is not: %j",
    async (rest) => {
      await raw.set("celery-task-meta-t", `~celeriac;zlib${rest}`);
      await open().store(recordOf("t"));
      expect((await open().fetch("t"))?.status).toBe("SUCCESS");
    },
  );

  it("a result of 20 MB comes back whole", async () => {
    const value = "0123456789abcdef".repeat(1_310_720);
    const backend = open();
    await backend.store(recordOf("large", "SUCCESS", JSON.stringify(value)));
    expect((await backend.fetch("large"))?.result === value).toBe(true);
  });

  it("a bomb is an error of its task alone", async () => {
    const bomb = deflateSync(Buffer.alloc(65 * 1_048_576)).toString("base64");
    await raw.set("celery-task-meta-bomb", `~celeriac;zlib;SUCCESS\n${bomb}`);
    await expect(open().fetch("bomb")).rejects.toMatchObject({ code: "E_RESULT" });
  });

  it("a key of a wrong type does not take the other stores of its tick down", async () => {
    await raw.lpush("celery-task-meta-bad", "x");
    const backend = open();
    await Promise.all([backend.store(recordOf("good")), backend.store(recordOf("bad"))]);
    expect(await backend.fetch("good")).toMatchObject({ status: "SUCCESS" });
    expect(await backend.fetch("bad")).toMatchObject({ status: "SUCCESS" });
  });

  it("makes one command of the stores of a tick, and one of the fetches", async () => {
    const backend = open();
    await backend.store(recordOf("warm"));
    const calls = async () => {
      const stats = await raw.info("commandstats");
      const of = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      return [of("evalsha"), of("mget")];
    };
    const before = await calls();
    const ids = Array.from({ length: 50 }, (_unused, index) => `t${index}`);
    await Promise.all(ids.map((id) => backend.store(recordOf(id))));
    await Promise.all(ids.map((id) => backend.fetch(id)));
    const after = await calls();
    expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1]);
  });

  it("a watcher misses no state across a reconnect, and leaves nothing subscribed", async () => {
    const backend = open();
    const states: string[] = [];
    const errors: unknown[] = [];
    const options = { onError: (error: unknown) => void errors.push(error) };
    const watch = await backend.watcher.watch("t", (meta) => void states.push(meta.status), options);
    await backend.store(recordOf("t", "STARTED", "{}"));
    await eventually(async () => states.length === 1);
    await raw.multi().call("client", "kill", "type", "pubsub").exec();
    await raw.set("celery-task-meta-t", '{"status":"PROGRESS","result":1,"task_id":"t"}'); // nobody hears this
    await eventually(async () => states.length === 2);
    await backend.store(recordOf("t"));
    await eventually(async () => states.length === 3);
    expect(states).toEqual(["STARTED", "PROGRESS", "SUCCESS"]);
    expect(errors).toEqual([expect.objectContaining({ code: "BACKEND_UNAVAILABLE" })]);
    await watch[Symbol.asyncDispose]();
    await expect.poll(() => raw.pubsub("NUMSUB", "celery-task-meta-t")).toEqual(["celery-task-meta-t", 0]);
  });

  it("a thousand watchers that come and go leave nothing subscribed", async () => {
    const backend = open();
    const ids = Array.from({ length: 1000 }, (_unused, index) => `t${index}`);
    const watches = await Promise.all(ids.map((id) => backend.watcher.watch(id, () => undefined)));
    expect(await raw.pubsub("CHANNELS")).toHaveLength(1000);
    await Promise.all(watches.map((watch) => watch[Symbol.asyncDispose]()));
    await expect.poll(() => raw.pubsub("CHANNELS")).toEqual([]);
  });

  it("without a server every call is refused within its deadline", async () => {
    const backend = open({ timeoutMs: 200 }, `redis://127.0.0.1:${await freePort()}/0`);
    const refusal = { code: "BACKEND_UNAVAILABLE", retryable: true };
    const startedAt = performance.now();
    await Promise.all([
      expect(backend.store(recordOf("t"))).rejects.toMatchObject(refusal),
      expect(backend.fetch("t")).rejects.toMatchObject(refusal),
      expect(backend.forget("t")).rejects.toMatchObject(refusal),
      expect(backend.watcher.watch("t", () => undefined)).rejects.toMatchObject(refusal),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it("a server out of memory refuses, retryably", async () => {
    const backend = open();
    await backend.store(recordOf("t0"));
    await raw.config("SET", "maxmemory", "1mb");
    await expect(backend.store(recordOf("t1"))).rejects.toMatchObject({ code: "BACKEND_REFUSED", retryable: true });
    await raw.config("SET", "maxmemory", "0");
    await backend.store(recordOf("t1"));
  });

  it("stores again after the server was restarted", async () => {
    const backend = open();
    await backend.store(recordOf("t0"));
    await redis.kill();
    const storing = backend.store(recordOf("t1"));
    await redis.start();
    await storing;
    expect(await backend.fetch("t1")).toMatchObject({ status: "SUCCESS" });
  });

  it("G24: while the server is away, a worker keeps outcomes and acknowledges nothing", async () => {
    const backend = open({ timeoutMs: 300 });
    await backend.store(recordOf("warm"));
    const report = await outlast(backend, { away: () => redis.kill(), back: () => redis.start() });
    expect(report).toEqual({ waited: true, acksWhileAway: 0, acks: 5, runs: 5, states: Array(5).fill("SUCCESS") });
  }, 60_000);

  it("result_backend_always_retry: what a client asks while the server is away is answered when it is back", async () => {
    await open().store(recordOf("t"));
    await using app = createApp("patient", {
      ...{ resultBackend: redis.url, adapters: [redisBackend] },
      resultBackendTransportOptions: { timeout_ms: 50 },
      resultBackendAlwaysRetry: true,
      resultBackendMaxSleepBetweenRetriesMs: 20,
    });
    const handle = app.result("lost");
    expect(await handle.state()).toBe("PENDING");
    await redis.kill();
    let isAnswered = false;
    const asking = handle.state().finally(() => {
      isAnswered = true;
    });
    const impatient = createApp("impatient", { backend: open({ timeoutMs: 50 }) });
    await expect(impatient.result("t").state()).rejects.toMatchObject({ retryable: true });
    expect(isAnswered).toBe(false);
    await redis.start();
    expect(await asking).toBe("PENDING");
  });

  it("a result expires by itself when its time has come", async () => {
    await open({ resultExpires: 1 }).store(recordOf("t"));
    await eventually(async () => (await raw.exists("celery-task-meta-t")) === 0);
  });

  it("takes a client of the caller's, and leaves it open", async () => {
    const client = redis.client();
    const backend = redisBackend(client);
    await backend.store(recordOf("t"));
    await backend[Symbol.asyncDispose]();
    expect(await client.ping()).toBe("PONG");
  });

  it("closes every connection it opened", async () => {
    const backend = redisBackend(redis.url);
    await backend.watcher.watch("t", () => undefined);
    await backend.store(recordOf("t"));
    await backend[Symbol.asyncDispose]();
    await eventually(
      async () =>
        String(await raw.client("LIST"))
          .trim()
          .split("\n").length === 1,
    );
  });

  it.skipIf(!hasCelery)("Python reads what an app stores that shares its result_compression", async () => {
    const shared = { resultBackend: redis.url, resultCompression: "zlib", adapters: [redisBackend] };
    await using app = createApp("shared", shared);
    await app.backend?.store(recordOf("long", "SUCCESS", JSON.stringify("work ".repeat(1000))));
    const program = [
      "import sys; from celery import Celery",
      "app = Celery(broker=sys.argv[1], backend=sys.argv[1])",
      "app.conf.result_compression = 'zlib'",
      "print(app.AsyncResult('long').get(timeout=5))",
    ].join("\n");
    const { stdout } = spawnSync(PYTHON, ["-c", program, redis.url], { encoding: "utf8" });
    expect(stdout.trimEnd()).toBe("work ".repeat(1000).trimEnd());
  });

  it.skipIf(!hasCelery)("Python reads what we store, and we what Python stores", async () => {
    const backend = open();
    await backend.store(recordOf("ours", "SUCCESS", '{"sum":[1,2]}'));
    const program = [
      "import sys; from celery import Celery",
      "app = Celery(broker=sys.argv[1], backend=sys.argv[1])",
      "print(app.AsyncResult('ours').get(timeout=5))",
      "app.backend.store_result('theirs', {'from': 'python'}, 'SUCCESS')",
      "app.backend.store_result('failed', ValueError('boom'), 'FAILURE', traceback='tb')",
    ].join("\n");
    const { stdout } = spawnSync(PYTHON, ["-c", program, redis.url], { encoding: "utf8" });
    expect(stdout.trim()).toBe("{'sum': [1, 2]}");
    expect(await backend.fetch("theirs")).toMatchObject({ status: "SUCCESS", result: { from: "python" } });
    expect(await backend.fetch("failed")).toMatchObject({
      status: "FAILURE",
      traceback: "tb",
      result: { exc_type: "ValueError", exc_message: ["boom"], exc_module: "builtins" },
    });
  });
});
