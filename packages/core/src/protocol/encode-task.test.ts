import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCompressions } from "./compression.js";
import { decodeTask } from "./decode-task.js";
import { encodeTask } from "./encode-task.js";
import { decodeEnvelope, encodeEnvelope } from "./envelope.js";
import { formatIsoUtc } from "./iso-time.js";
import { createJsonSerializer, createSerializers } from "./serializer.js";
import type { OutgoingTask } from "./task-request.js";

const serializers = createSerializers();
const compressions = createCompressions();
const options = { serializers, compressions, acceptContent: serializers.accept(["json"]), nowMs: 0 };
const task: OutgoingTask = { id: "a", task: "t", args: [], kwargs: {} };

describe("encodeTask", () => {
  it("writes Python's reprs, or the texts given in their place, nowhere anything else", () => {
    expect(encodeTask({ ...task, args: ["a", 1], kwargs: { k: null } }).headers).toMatchObject({
      argsrepr: "('a', 1)",
      kwargsrepr: "{'k': None}",
    });
    const hidden = encodeTask({ ...task, args: ["secret"], argsrepr: "(***,)", kwargsrepr: "***" });
    expect(hidden.headers).toMatchObject({ argsrepr: "(***,)", kwargsrepr: "***" });
    expect(JSON.stringify([hidden.headers, hidden.properties])).not.toContain("secret");
  });

  it("lets Celery's names win over custom headers and properties", () => {
    const message = encodeTask({
      ...task,
      headers: { id: "forged", compression: "gzip", redelivered: true, "x-trace": "1" },
      properties: { correlation_id: "forged", custom: 1 },
      expirationMs: 1500.7,
    });
    expect(message.headers).toMatchObject({ id: "a", "x-trace": "1" });
    expect("compression" in message.headers || "redelivered" in message.headers).toBe(false);
    expect(message.properties).toMatchObject({ correlation_id: "a", custom: 1, expiration: "1500" });
    expect(encodeTask({ ...task, expirationMs: -5 }).properties.expiration).toBe("0");
  });

  it("compresses the body and says so, keeping the inner content type", () => {
    const message = encodeTask({ ...task, args: ["x".repeat(1000)] }, { compression: compressions.byName("gzip") });
    expect(message.headers.compression).toBe("application/x-gzip");
    expect(message.contentType).toBe("application/json");
    expect(message.body.length).toBeLessThan(100);
    expect(decodeTask(message, options).args).toEqual(["x".repeat(1000)]);
  });

  it.each<[string, Partial<OutgoingTask>, string]>([
    ["an argument without JSON form", { args: [{ x: () => 1 }] }, "Cannot encode args[0].x: a function"],
    ["a keyword argument without JSON form", { kwargs: { when: Number.NaN } }, "Cannot encode kwargs.when: NaN"],
    ["a header without JSON form", { headers: { big: Number.NaN } }, "Cannot encode headers.big: NaN"],
    ["an empty name", { task: "" }, "A task needs a name"],
    ["a bad id", { id: "a\n" }, "The id of a task must be"],
  ])("refuses %s", (_name, change, message) => {
    expect(() => encodeTask({ ...task, ...change })).toThrow(message);
  });

  it("writes a body without keyword arguments and successors byte for byte like any other", () => {
    const anySerializer = createJsonSerializer(); // another one than the default, which has a short cut
    const argument = fc.oneof(
      fc.jsonValue(),
      fc.date({ min: new Date(0), max: new Date(1e13), noInvalidDate: true }),
      fc.bigInt(),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 4 }), fc.boolean(), (args, hasEmbed) => {
        const nothing = { callbacks: null, errbacks: null, chain: null, chord: null };
        const plain = { ...task, args, ...(hasEmbed ? { embed: nothing } : {}) };
        expect(encodeTask(plain).body).toEqual(encodeTask(plain, { serializer: anySerializer }).body);
      }),
    );
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    for (const serializer of [serializers.byName("json"), anySerializer]) {
      expect(() => encodeTask({ ...task, args: [nested(198)] }, { serializer })).not.toThrow();
      expect(() => encodeTask({ ...task, args: [nested(199)] }, { serializer })).toThrow("nested deeper");
    }
  });

  it("is read back as it was, through an envelope", () => {
    const id = fc.uuid();
    const instant = fc.integer({ min: 0, max: 1_000_000_000 }).map((epochMs) => formatIsoUtc(epochMs));
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
    const limits = fc.tuple(nullable(fc.nat()), nullable(fc.nat()));
    const signature = fc.record({
      task: fc.string({ minLength: 1 }),
      args: fc.array(json, { maxLength: 2 }),
      kwargs: fc.constant({}),
      options: fc.record({ queue: fc.string(), task_id: id }),
      subtask_type: fc.constant(null),
      immutable: fc.boolean(),
    });
    const signatures = nullable(fc.array(signature, { maxLength: 2 }));
    const outgoing = fc.record({
      id,
      task: fc.string({ minLength: 1 }),
      args: fc.array(json, { maxLength: 3 }),
      kwargs: fc.dictionary(fc.string(), json, { maxKeys: 3 }).map((value) => ({ ...value })),
      embed: fc.record({ callbacks: signatures, errbacks: signatures, chain: signatures, chord: nullable(signature) }),
      eta: nullable(instant),
      expires: nullable(instant),
      retries: fc.nat({ max: 1000 }),
      timeLimits: limits,
      group: nullable(id),
      groupIndex: nullable(fc.nat()),
      rootId: id,
      parentId: nullable(id),
      shadow: nullable(fc.string()),
      origin: fc.string(),
      ignoreResult: fc.boolean(),
      replacedTaskNesting: fc.nat({ max: 5 }),
      stampedHeaders: nullable(fc.array(fc.string(), { maxLength: 2 })),
      stamps: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }).map((value) => ({ ...value })),
      replyTo: fc.string({ minLength: 1 }),
      priority: fc.nat({ max: 9 }),
    });
    fc.assert(
      fc.property(outgoing, (sent) => {
        const envelope = encodeEnvelope(encodeTask(sent), { exchange: "", routingKey: "q", deliveryTag: "t" });
        const request = decodeTask(decodeEnvelope(envelope).message, options);
        const { eta, ...same } = sent;
        expect(request).toMatchObject(same);
        expect(request.etaMs).toBe(eta === null ? undefined : Date.parse(eta));
        expect(request.correlationId).toBe(sent.id);
      }),
    );
  });
});
