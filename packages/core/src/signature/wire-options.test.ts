import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJson } from "../protocol/index.js";
import { parseDuration } from "../settings/index.js";
import type { SendOptions } from "./send-options.js";
import { isWireOption, optionsFromWire, optionsToWire } from "./wire-options.js";

const duration = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom("10s", "500ms", "1h30m", "5"));
const name = fc.string({ minLength: 1, maxLength: 12 });
const free = name.filter((text) => !isWireOption(text) && text !== "__proto__");
const wireSignature = fc.record({
  task: name,
  args: fc.array(fc.integer()),
  kwargs: fc.constant({}),
  options: fc.constant({}),
  subtask_type: fc.constant(null),
  immutable: fc.boolean(),
});

const options: fc.Arbitrary<SendOptions> = fc.record(
  {
    countdown: duration,
    eta: fc.oneof(fc.constant("2030-01-31T12:00:00+01:00"), fc.date({ noInvalidDate: true })),
    expires: fc.oneof(duration, fc.date({ noInvalidDate: true })),
    priority: fc.integer({ min: 0, max: 255 }),
    queue: name,
    exchange: name,
    routingKey: name,
    serializer: name,
    compression: name,
    deliveryMode: fc.constantFrom(1 as const, 2 as const),
    headers: fc.dictionary(free, fc.integer()),
    taskId: name,
    shadow: name,
    link: fc.array(wireSignature, { maxLength: 3 }),
    linkError: fc.array(wireSignature, { maxLength: 3 }),
    timeLimit: duration,
    softTimeLimit: duration,
    ignoreResult: fc.boolean(),
    replyTo: name,
    rootId: name,
    parentId: name,
    groupId: name,
    groupIndex: fc.nat(),
    argsrepr: name,
    kwargsrepr: name,
    addToParent: fc.boolean(),
    stamps: fc.dictionary(free, fc.oneof(name, fc.array(name)), { minKeys: 1, maxKeys: 3 }),
  },
  { requiredKeys: [] },
);

/** What an option means, however it is written. */
function meaning(given: SendOptions): Record<string, unknown> {
  const same: Record<string, unknown> = { ...given };
  for (const key of ["countdown", "expires", "timeLimit", "softTimeLimit"]) {
    const value = same[key];
    if (typeof value === "string" && !/^\d{4}-/.test(value)) same[key] = parseDuration(value);
  }
  for (const key of ["eta", "expires"]) {
    const value = same[key];
    if (value instanceof Date) same[key] = value.toISOString();
  }
  return same;
}

describe("options of a signature", () => {
  it("mean the same after a trip over the wire", () => {
    fc.assert(
      fc.property(options, (given) => {
        const text = encodeJson(optionsToWire(given));
        expect(optionsFromWire(JSON.parse(text))).toEqual(meaning(given));
      }),
    );
  });

  it("travel in Celery's names, durations as seconds", () => {
    const given = {
      countdown: "1m30s",
      expires: "1h",
      timeLimit: "500ms",
      routingKey: "k",
      stamps: { tenant: "acme" },
    };
    expect(optionsToWire(given)).toEqual({
      countdown: 90,
      expires: 3600,
      time_limit: 0.5,
      routing_key: "k",
      stamped_headers: ["tenant"],
      tenant: "acme",
    });
  });

  it("leave out what belongs to one call", () => {
    expect(optionsToWire({ publishTimeout: 5, signal: new AbortController().signal, kwargs: { a: 1 } })).toEqual({});
  });

  it("keep what a newer Celery adds, as properties", () => {
    const wire = { queue: "q", something_new: 5, chord: null, group_id: null };
    expect(optionsFromWire(wire)).toEqual({ queue: "q", properties: { something_new: 5 } });
    expect(optionsToWire(optionsFromWire(wire))).toEqual({ queue: "q", something_new: 5 });
  });

  it("refuse a stamp named like an option, which nobody could tell apart", () => {
    expect(() => optionsToWire({ stamps: { queue: "x" } })).toThrow('A stamp cannot be named "queue"');
  });
});
