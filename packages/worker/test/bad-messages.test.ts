/** RELIABILITY section 3: garbage never stops a worker, and never disappears (G9). */

import { MemoryStore } from "@celeriac/broker-memory";
import type { Broker, DeadLetterRecord, Message } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { createStage } from "./support/stage.js";

const GOOD = '[[1, 2], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]';
const ID = "11111111-2222-4333-8444-555555555555";

interface Parts {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly contentType?: string;
  readonly contentEncoding?: string;
}

/** A kombu envelope as it lies in the queue. */
function envelope(parts: Parts = {}): string {
  const { body = GOOD, headers, contentType = "application/json", contentEncoding = "utf-8" } = parts;
  return JSON.stringify({
    body: Buffer.from(body).toString("base64"),
    "content-encoding": contentEncoding,
    "content-type": contentType,
    headers: headers ?? { lang: "py", task: "math.add", id: ID },
    properties: {
      body_encoding: "base64",
      delivery_info: { exchange: "", routing_key: "celery" },
      delivery_tag: "tag",
      delivery_mode: 2,
      priority: 0,
    },
  });
}

function withHeaders(headers: Readonly<Record<string, unknown>>): string {
  return envelope({ headers: { task: "math.add", id: ID, ...headers } });
}

function withEmbed(embed: unknown): string {
  return envelope({ body: JSON.stringify([[1, 2], {}, embed]) });
}

interface Row {
  readonly name: string;
  readonly raw: string | Uint8Array;
  readonly reason: string;
  /** A FAILURE is stored under the id. */
  readonly fails?: boolean;
}

const CORPUS: readonly Row[] = [
  { name: "an envelope that is not JSON", raw: "{", reason: "E_ENVELOPE" },
  { name: "an empty envelope", raw: "", reason: "E_ENVELOPE" },
  { name: "an envelope that is null", raw: "null", reason: "E_ENVELOPE" },
  { name: "an envelope that is a list", raw: "[1, 2]", reason: "E_ENVELOPE" },
  { name: "an envelope of invalid UTF-8", raw: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), reason: "E_ENVELOPE" },
  { name: "a body that is not base64", raw: envelope().replace(/"body":"[^"]*"/, '"body":"%%%"'), reason: "E_BODY" },
  { name: "a body that is not JSON", raw: envelope({ body: "[[1" }), reason: "E_BODY", fails: true },
  {
    name: "a body of invalid UTF-8",
    raw: envelope({ body: new Uint8Array([0x5b, 0xff]) }),
    reason: "E_BODY",
    fails: true,
  },
  { name: "a body nested 100,000 deep", raw: envelope({ body: "[".repeat(100_000) }), reason: "E_BODY", fails: true },
  { name: "a body of two parts", raw: envelope({ body: "[[1],{}]" }), reason: "E_SHAPE", fails: true },
  { name: "a body that is an object", raw: envelope({ body: '{"x":1}' }), reason: "E_SHAPE", fails: true },
  { name: "args that are a text", raw: envelope({ body: '["ab",{},{}]' }), reason: "E_SHAPE", fails: true },
  { name: "kwargs that are a list", raw: envelope({ body: "[[],[],{}]" }), reason: "E_SHAPE", fails: true },
  {
    name: "an unknown __type__",
    raw: envelope({ body: '[[{"__type__":"x","__value__":1}],{},{}]' }),
    reason: "E_BODY",
    fails: true,
  },
  {
    name: "pickle",
    raw: envelope({ contentType: "application/x-python-serialize" }),
    reason: "E_CONTENT_TYPE",
    fails: true,
  },
  {
    name: "msgpack, not accepted",
    raw: envelope({ contentType: "application/x-msgpack" }),
    reason: "E_CONTENT_TYPE",
    fails: true,
  },
  { name: "a content type nobody knows", raw: envelope({ contentType: "a/b" }), reason: "E_CONTENT_TYPE", fails: true },
  {
    name: "data that kombu trusts",
    raw: envelope({ contentType: "application/data" }),
    reason: "E_CONTENT_TYPE",
    fails: true,
  },
  { name: "an unknown compression", raw: withHeaders({ compression: "x/y" }), reason: "E_COMPRESSION", fails: true },
  {
    name: "a corrupt compression",
    raw: withHeaders({ compression: "application/x-gzip" }),
    reason: "E_COMPRESSION",
    fails: true,
  },
  { name: "no task anywhere", raw: envelope({ headers: { id: ID } }), reason: "E_PROTOCOL", fails: true },
  { name: "a task that is null", raw: withHeaders({ task: null }), reason: "E_HEADER", fails: true },
  { name: "a task that is an object", raw: withHeaders({ task: { a: 1 } }), reason: "E_HEADER", fails: true },
  { name: "an unknown task", raw: withHeaders({ task: "math.ad" }), reason: "NOT_REGISTERED", fails: true },
  { name: "an id that is null", raw: withHeaders({ id: null }), reason: "E_HEADER" },
  { name: "an id that is an object", raw: withHeaders({ id: {} }), reason: "E_HEADER" },
  { name: "an id with control characters", raw: withHeaders({ id: "a\u001b[2J" }), reason: "E_HEADER" },
  { name: "an id of 300 characters", raw: withHeaders({ id: "a".repeat(300) }), reason: "E_HEADER" },
  { name: "an eta that is no date", raw: withHeaders({ eta: "soon" }), reason: "E_HEADER", fails: true },
  { name: "an eta that is a number", raw: withHeaders({ eta: 5 }), reason: "E_HEADER", fails: true },
  { name: "an eta in the year 9999", raw: withHeaders({ eta: "9999-12-31T00:00:00" }), reason: "E_ETA", fails: true },
  { name: "expires that is no date", raw: withHeaders({ expires: "never" }), reason: "E_HEADER", fails: true },
  { name: "negative retries", raw: withHeaders({ retries: -1 }), reason: "E_HEADER", fails: true },
  { name: "retries that are a list", raw: withHeaders({ retries: [1] }), reason: "E_HEADER", fails: true },
  { name: "a time limit that is a text", raw: withHeaders({ timelimit: "ab" }), reason: "E_HEADER", fails: true },
  {
    name: "stamped headers that are a number",
    raw: withHeaders({ stamped_headers: 5 }),
    reason: "E_HEADER",
    fails: true,
  },
  { name: "a callback that is a number", raw: withEmbed({ callbacks: [5] }), reason: "E_CANVAS", fails: true },
  { name: "a chain that is a text", raw: withEmbed({ chain: "x" }), reason: "E_CANVAS", fails: true },
  { name: "a chord that is a list", raw: withEmbed({ chord: [1] }), reason: "E_CANVAS", fails: true },
  {
    name: "a next step that is a chord without a body",
    raw: withEmbed({ chain: [{ task: "celery.chord", subtask_type: "chord", kwargs: { header: [] } }] }),
    reason: "E_CANVAS",
    fails: true,
  },
];

/** A stage whose queue can hold any bytes. */
function rawStage(): ReturnType<typeof createStage> & { putRaw(raw: string | Uint8Array): void } {
  const stage = createStage();
  stage.app.task("math.add", { params: ["a", "b"] }, (a: number, b: number) => a + b);
  return {
    ...stage,
    putRaw: (raw) => stage.store.put("celery", { raw, step: 0, redelivered: false }),
  };
}

async function lettersOf(broker: Broker): Promise<readonly DeadLetterRecord[]> {
  await vi.waitFor(async () => expect(await broker.deadLetters.count()).toBeGreaterThan(0));
  return broker.deadLetters.list();
}

describe("G9: a bad message", () => {
  it.each(CORPUS)("$name: $reason", async ({ raw, reason, fails = false }) => {
    const { app, work, broker, backend, store, log, putRaw } = rawStage();
    await work();
    putRaw(raw);
    const [letter, ...others] = await lettersOf(broker);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ reason, queue: "celery", worker: expect.stringContaining("@") });
    expect(letter?.raw).toBe(Buffer.from(raw).toString("base64"));
    await expect(app.send("math.add", [1, 2]).get({ timeout: "5s" })).resolves.toBe(3);
    expect(store.length("celery")).toBe(0);
    expect(log.count("quarantined")).toBe(1);
    expect((await backend.fetch(ID))?.status).toBe(fails ? "FAILURE" : undefined);
    expect(letter?.taskId).toBe(fails ? ID : undefined);
  });

  it("G9: the whole corpus at once leaves one record each, a working worker and no prototype changed", async () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const { app, work, broker, store, putRaw } = rawStage();
    for (const { raw } of CORPUS) putRaw(raw);
    const hostile = withHeaders({
      proto: { polluted: true },
      constructor: { prototype: { polluted: true } },
      task: "x",
    });
    putRaw(hostile.replace('"proto"', '"__proto__"'));
    putRaw(envelope({ body: '[[{"__proto__":{"polluted":1}}],{"__proto__":{"polluted":1}},{"__proto__":1}]' }));
    await work();
    await expect(app.send("math.add", [1, 2]).get({ timeout: "5s" })).resolves.toBe(3);
    await vi.waitFor(() => expect(store.length("celery")).toBe(0));
    expect(await broker.deadLetters.count()).toBeGreaterThanOrEqual(CORPUS.length + 1);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect("polluted" in {}).toBe(false);
  });

  it("an unknown task fails with NotRegistered and the near name", async () => {
    const { app, work, putRaw } = rawStage();
    await work();
    putRaw(withHeaders({ task: "math.ad" }));
    await expect(app.result(ID).get({ timeout: "5s" })).rejects.toMatchObject({
      pyType: "NotRegistered",
      args: ["math.ad", 'Did you mean "math.add"?'],
    });
  });

  it("an unknown task's failure goes to the queue that its client reads", async () => {
    const { backend, work, putRaw } = rawStage();
    const store = vi.spyOn(backend, "store");
    await work();
    const asked = { reply_to: "client", correlation_id: "asked" };
    putRaw(
      withHeaders({ task: "no.such.task" }).replace(
        '"properties":{',
        `"properties":{${JSON.stringify(asked).slice(1, -1)},`,
      ),
    );
    await vi.waitFor(() => expect(store).toHaveBeenCalled());
    expect(store.mock.calls[0]?.[0]).toMatchObject({ taskId: ID, replyTo: "client", correlationId: "asked" });
  });

  it("an unknown task fails what waits for it: later steps, error callbacks, its chord", async () => {
    const { app, work, putRaw } = rawStage();
    const told = vi.fn();
    app.task("sorry", told);
    await work();
    const embed = {
      chain: [{ task: "never", options: { task_id: "last" } }],
      errbacks: [{ task: "sorry" }],
    };
    putRaw(envelope({ headers: { task: "no.such.task", id: ID }, body: JSON.stringify([[], {}, embed]) }));
    for (const id of [ID, "last"]) {
      await expect(app.result(id).get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "NotRegistered" });
    }
    await vi.waitFor(() => expect(told).toHaveBeenCalledWith(ID));
  });

  it("is not acked before its record is stored", async () => {
    const store = new MemoryStore();
    const stage = rawStage();
    const add = vi.spyOn(stage.broker.deadLetters, "add").mockRejectedValue(new Error("full"));
    const worker = await stage.work();
    stage.putRaw("{");
    await vi.waitFor(() => expect(stage.log.count("could not be quarantined")).toBe(1));
    expect(add).toHaveBeenCalled();
    await worker.stop();
    await stage.app.close(); // gives back what is in hand
    expect([stage.store.length("celery"), store.length("celery")]).toEqual([1, 0]);
  });

  it("a long one is cut in its record", async () => {
    const { work, broker, putRaw } = rawStage();
    await work();
    putRaw("x".repeat(2 * 1024 * 1024));
    const [letter] = await lettersOf(broker);
    expect(letter?.truncated).toBe(true);
    expect(letter?.raw.length).toBeLessThan(1.5 * 1024 * 1024);
  });
});

describe("odd but good messages", () => {
  const message = (headers: Message["headers"], body: string): string => envelope({ headers, body });
  it.each<[string, string]>([
    ["embed null", message({ task: "math.add", id: ID }, "[[1,2],{},null]")],
    ["embed empty", message({ task: "math.add", id: ID }, "[[1,2],{},{}]")],
    ["eta with Z in the past", message({ task: "math.add", id: ID, eta: "2020-01-01T00:00:00Z" }, "[[1,2],{},{}]")],
    ["protocol 1", message({}, JSON.stringify({ task: "math.add", id: ID, args: [1, 2], kwargs: {} }))],
    ["extra header", message({ task: "math.add", id: ID, "x-new": { a: [1] } }, "[[1,2],{},{}]")],
    ["ids in upper case and of other forms", message({ task: "math.add", id: ID, lang: "rs" }, "[[1,2],{},{}]")],
  ])("%s runs", async (_name, raw) => {
    const { app, work, putRaw } = rawStage();
    await work();
    putRaw(raw);
    await expect(app.result(ID).get({ timeout: "5s" })).resolves.toBe(3);
  });

  it("two live messages with the same id both run", async () => {
    const { app, work, putRaw } = rawStage();
    const body = vi.fn();
    app.task("twice", body);
    await work();
    for (let count = 0; count < 2; count += 1) putRaw(envelope({ headers: { task: "twice", id: ID } }));
    await vi.waitFor(() => expect(body).toHaveBeenCalledTimes(2));
  });

  it("wrong arguments are a FAILURE of type TypeError", async () => {
    const { app, work, putRaw } = rawStage();
    await work();
    putRaw(envelope({ body: "[[1],{},{}]" }));
    await expect(app.result(ID).get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "TypeError" });
  });
});
