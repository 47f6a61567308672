import { describe, expect, it, vi } from "vitest";
import { listBroker } from "../../test/support/list-broker.js";
import { mapBackend } from "../../test/support/map-backend.js";
import { sampleRecord } from "../../test/support/sample-record.js";
import { contract } from "../contract/contract.js";
import { BrokerError, ConfigError } from "../errors/index.js";
import { context } from "../execution/task-context.js";
import { silentLogger } from "../logging/index.js";
import { decodeJson } from "../protocol/index.js";
import type { StandardSchema } from "../standard-schema/standard-schema.js";
import { createApp } from "./create-app.js";

const widthSchema: StandardSchema<{ width?: number }, { width: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { width = 800 } = value as { width?: unknown };
      return typeof width === "number"
        ? { value: { width } }
        : { issues: [{ message: "expected a number", path: ["width"] }] };
    },
  },
};

function bodyOf(message: { readonly body: Uint8Array } | undefined): unknown {
  return decodeJson(Buffer.from(message?.body ?? []).toString());
}

describe("sending", () => {
  it("awaiting a send waits for the broker only, and yields a handle", async () => {
    let accept = (): void => undefined;
    const broker = listBroker(() => new Promise((resolve) => (accept = resolve)));
    const app = createApp("test", { broker, backend: mapBackend() });
    const add = app.task("add", (a: number, b: number) => a + b);
    const sending = add.delay(1, 2);
    expect(broker.sent).toHaveLength(0);
    accept();
    const handle = await sending;
    expect(broker.sent).toHaveLength(1);
    expect([handle.id, handle.taskName]).toEqual([sending.id, "add"]);
    expect("then" in handle).toBe(false);
    expect(bodyOf(broker.sent[0]?.message)).toEqual([
      [1, 2],
      {},
      { callbacks: null, errbacks: null, chain: null, chord: null },
    ]);
  });

  it("a send is usable without being awaited", async () => {
    const backend = mapBackend();
    const app = createApp("test", { broker: listBroker(), backend });
    const later = app.send<number>("t");
    const got = later.get({ timeout: "5s" });
    await backend.store(sampleRecord(later.id, "SUCCESS", 5));
    await expect(got).resolves.toBe(5);
    expect(await later.state()).toBe("SUCCESS");
    await later.forget();
    expect(await later.state()).toBe("PENDING");
  });

  it("a refused send rejects, wherever it is asked", async () => {
    const error = new BrokerError("no", { code: "BROKER_REFUSED" });
    const broker = listBroker(() => Promise.reject(error));
    const app = createApp("test", { broker, backend: mapBackend(), logger: silentLogger });
    await expect(app.send("t")).rejects.toBe(error);
    await expect(app.send("t").get()).rejects.toBe(error);
    await expect(app.send("t").catch((reason) => reason)).resolves.toBe(error);
    await expect(app.send("t").progress().next()).rejects.toBe(error);
  });

  it("repeats what the broker calls retryable, but not what may be stored already", async () => {
    let tries = 0;
    const failWith = (code: "BROKER_UNAVAILABLE" | "PUBLISH_TIMEOUT", times: number) => async (): Promise<void> => {
      tries += 1;
      if (tries <= times) throw new BrokerError("no", { code, retryable: true });
    };
    const app = createApp("test", { broker: listBroker(failWith("BROKER_UNAVAILABLE", 2)) });
    await app.send("t");
    expect(tries).toBe(3);
    tries = 0;
    const lost = createApp("test", { broker: listBroker(failWith("PUBLISH_TIMEOUT", 1)) });
    await expect(lost.send("t")).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT" });
    expect(tries).toBe(1);
  });

  it("all attempts share one deadline, and the last error is told", async () => {
    let now = 0;
    const clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms: number) => {
        now += ms;
      },
    };
    let tries = 0;
    const broker = listBroker(async () => {
      tries += 1;
      now += 10_000; // as long as a broker that is away is waited for
      throw new BrokerError(`away ${tries}`, { code: "BROKER_UNAVAILABLE", retryable: true });
    });
    const app = createApp("test", { broker, clock });
    await expect(app.send("t")).rejects.toMatchObject({ message: "away 1" });
    expect([tries, now]).toEqual([1, 10_000]);
  });

  it("positional tasks travel as args, schema tasks as kwargs, checked before they leave", async () => {
    const broker = listBroker();
    const app = createApp("test", { broker });
    const resize = app.task("resize", { input: widthSchema }, (input) => input.width);
    await resize.delay({ width: 5 });
    await resize.s().delay({ width: 6 });
    await resize.s({ width: 7 }).delay();
    expect(broker.sent.map(({ message }) => bodyOf(message))).toMatchObject([
      [[], { width: 5 }, {}],
      [[], { width: 6 }, {}],
      [[], { width: 7 }, {}],
    ]);
    const wrong = { width: "x" } as unknown as { width: number };
    expect(() => resize.delay(wrong)).toThrow('The input of task "resize" is not valid: width: expected a number');
    expect(broker.sent).toHaveLength(3);
  });

  it("what the call says wins over the task, the task over the settings", async () => {
    const broker = listBroker();
    const app = createApp("test", { broker, taskDefaultPriority: 3, taskIgnoreResult: false });
    const task = app.task("t", { priority: 6, ignoreResult: true, timeLimit: "1m" }, () => 1);
    await task.delay();
    await task.call([], { priority: 9, ignoreResult: false, timeLimit: 5, softTimeLimit: "2s" });
    await app.send("unknown");
    const seen = broker.sent.map(({ message: { headers, properties } }) => [
      properties.priority,
      headers.ignore_result,
      headers.timelimit,
    ]);
    expect(seen).toEqual([
      [6, true, [60, null]],
      [9, false, [5, 2]],
      [3, false, [null, null]],
    ]);
  });

  it("moments: without offset they are UTC, whatever this machine's zone", async () => {
    const broker = listBroker();
    const now = Date.UTC(2030, 0, 1);
    const clock = { now: () => now, monotonic: () => 0, sleep: async () => undefined };
    const app = createApp("test", { broker, clock });
    await app.send("t", [], { eta: "2030-01-01T00:00:10", expires: "2030-01-01T00:01:00" as unknown as Date });
    await app.send("t", [], { countdown: "10s", expires: new Date(now + 60_000) });
    for (const { message } of broker.sent) {
      expect(String(message.headers.eta)).toMatch(/^2030-01-01T00:00:10(\+00:00)?$/);
      expect(message.properties.expiration).toBe("60000");
    }
    expect(() => app.send("t", [], { eta: "soon" })).toThrow("eta is not a moment: soon");
    expect(() => app.send("t", [], { countdown: 1e15 })).toThrow("countdown is not a moment");
    expect(() => app.send("t", [], { priority: 300 })).toThrow("priority must be a whole number");
  });

  it("a task called as a function is nobody's parent: there is no message of it", async () => {
    const broker = listBroker();
    const app = createApp("test", { broker });
    const inner = app.task("inner", () => 1);
    const direct = app.task("direct", async () => (await inner.delay()).id);
    const id = await direct();
    expect(broker.sent[0]?.message.headers).toMatchObject({ id, parent_id: null, root_id: id });
  });
});

describe("calling a task as a function", () => {
  it("runs it here with a context, and its errors are its own", async () => {
    const app = createApp("test");
    const task = app.task("t", (value: number) => {
      if (value < 0) throw new RangeError("negative");
      return [context().taskName, context().calledDirectly, value];
    });
    await expect(task(1)).resolves.toEqual(["t", true, 1]);
    await expect(task(-1)).rejects.toBeInstanceOf(RangeError);
    expect(task.name).toBe("t");
  });

  it("may wait for results: it holds no worker's slot", async () => {
    const backend = mapBackend();
    await backend.store(sampleRecord("id", "SUCCESS", 1));
    const app = createApp("test", { backend });
    const task = app.task("t", () => app.result<number>("id").get());
    await expect(task()).resolves.toBe(1);
  });
});

describe("eager mode", () => {
  const eager = { taskAlwaysEager: true };

  it("runs here, encodes as on the wire, and has the result at once", async () => {
    const app = createApp("test", eager);
    const task = app.task("t", (value: unknown) => [value, context().isEager]);
    const handle = await task.delay({ gone: undefined, kept: 1 });
    await expect(handle.get()).resolves.toEqual([{ kept: 1 }, true]);
    expect(await handle.state()).toBe("SUCCESS");
  });

  it("fails with a TaskError from get(), or from the send when errors propagate", async () => {
    const body = (): never => {
      throw new TypeError("boom");
    };
    const quiet = createApp("test", eager);
    await expect((await quiet.task("t", body).delay()).get()).rejects.toMatchObject({ pyType: "TypeError" });
    const loud = createApp("test", { ...eager, taskEagerPropagates: true });
    await expect(loud.task("t", body).delay()).rejects.toMatchObject({ pyType: "TypeError" });
    await expect(quiet.send("nobody").get()).rejects.toMatchObject({ pyType: "NotRegistered" });
  });

  it("follows links, and yields progress", async () => {
    const app = createApp("test", eager);
    const after = vi.fn();
    const sorry = vi.fn();
    app.task("after", after);
    app.task("sorry", sorry);
    const task = app.task("t", { bind: true }, async (ctx, fail: boolean) => {
      await ctx.progress(50);
      if (fail) throw new Error("boom");
      return 7;
    });
    const options = { link: app.signature("after", [8]), linkError: app.signature("sorry") };
    const sent = await task.call([false], options);
    const failed = await task.call([true], options);
    expect(after.mock.calls).toEqual([[7, 8]]);
    expect(sorry.mock.calls).toEqual([[failed.id]]);
    const steps: unknown[] = [];
    for await (const step of sent.progress()) steps.push(step);
    expect(steps).toEqual([50]);
  });

  it("stores results when the settings say so", async () => {
    const backend = mapBackend();
    const app = createApp("test", { ...eager, backend, taskStoreEagerResult: true });
    const task = app.task("t", () => 1);
    const { id } = await task.delay();
    expect(backend.records.get(id)?.status).toBe("SUCCESS");
  });
});

describe("contracts", () => {
  it("are sent by name, and implemented with what the schema makes of the input", async () => {
    const broker = listBroker();
    const resize = contract("img.resize", { input: widthSchema, output: widthSchema });
    const score = contract<[id: string], number>("ml.score");
    const producer = createApp("producer", { broker });
    const client = producer.client({ score, resize });
    await client.score.delay("u1");
    await client.resize.delay({});
    expect(broker.sent.map(({ message }) => message.headers.task)).toEqual(["ml.score", "img.resize"]);
    expect(broker.sent.map(({ message }) => bodyOf(message))).toMatchObject([
      [["u1"], {}, {}],
      [[], {}, {}],
    ]);
    const worker = createApp("worker");
    const task = worker.implement(resize, (input) => ({ width: input.width * 2 }));
    await expect(task({})).resolves.toEqual({ width: 1600 });
  });
});

describe("an app", () => {
  it("refuses a name taken, no name, and no function, saying how to fix it", () => {
    const app = createApp("test");
    app.task("t", () => 1);
    expect(() => app.task("t", () => 2)).toThrow(ConfigError);
    expect(() => app.task("", () => 2)).toThrow("is not a task name");
    expect(() => app.task("a\nb", () => 2)).toThrow("is not a task name");
  });

  it("says what to do when it has no broker, or a scheme nobody claims, without showing secrets", () => {
    expect(() => createApp("test", { brokerUrl: null }).broker).toThrow(/no broker|nothing claims/);
    const url = "redis:secret@host";
    expect(() => createApp("test", { broker: url }).broker).toThrow("Install @celeriac/broker-redis");
    expect(() => createApp("test", { broker: url }).broker).not.toThrow("secret");
  });

  it("cannot be configured once it is open, nor used once it is closed", async () => {
    const app = createApp("test", { broker: listBroker() });
    app.configure({ taskDefaultQueue: "other" });
    await app.send("t");
    expect(() => app.configure({})).toThrow(ConfigError);
    await app.close();
    await app.close();
    expect(() => app.send("t")).toThrow(expect.objectContaining({ code: "BROKER_CLOSED" }));
  });
});
