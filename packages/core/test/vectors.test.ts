import { describe, expect, it } from "vitest";
import type { DecodeError } from "../src/errors/index.js";
import {
  createCompressions,
  createSerializers,
  type DecodeTaskOptions,
  decodeControlReply,
  decodeControlRequest,
  decodeEnvelope,
  decodeGroupMeta,
  decodeJson,
  decodeResultMeta,
  decodeTask,
  type Envelope,
  encodeControlReply,
  encodeControlRequest,
  encodeEnvelope,
  encodeGroupMeta,
  encodeJson,
  encodeResultMeta,
  encodeTask,
  formatIsoUtc,
  type ResultMeta,
  type TaskRequest,
} from "../src/protocol/index.js";
import { isRecord } from "../src/protocol/shape.js";
import { envelopesIn, marked, messagesIn, textsIn, type Vector, vectorNamed, vectors } from "./vector-files.js";

const serializers = createSerializers();
const options: DecodeTaskOptions = {
  serializers,
  compressions: createCompressions(),
  acceptContent: serializers.accept(["json"]),
  // When the vectors were recorded; eta vectors reach to 2037.
  nowMs: Date.parse("2026-11-20T12:00:00Z"),
  maxEtaMs: 20 * 366 * 86_400_000,
};

/** Bodies in serializations that come later; they must be refused, not misread. */
const unread = new Set(["application/x-msgpack", "application/x-yaml", "application/x-python-serialize"]);

function outgoing(request: TaskRequest, text: { eta: unknown; expiration: unknown }): Parameters<typeof encodeTask>[0] {
  const { embed, ...rest } = request;
  return {
    ...rest,
    embed,
    eta: typeof text.eta === "string" ? text.eta : null,
    ...(typeof text.expiration === "string" ? { expirationMs: Number(text.expiration) } : undefined),
    origin: request.origin ?? "",
    argsrepr: request.argsrepr ?? "",
    kwargsrepr: request.kwargsrepr ?? "",
    replyTo: request.replyTo ?? "",
    priority: request.priority ?? 0,
  };
}

/** What Python read and what was on the wire, paired in order by delivery tag. */
function pairsOf(vector: Vector): readonly { readonly raw: string; readonly decoded: Record<string, unknown> }[] {
  const left = [...envelopesIn(vector)];
  return messagesIn(vector.decoded).map((decoded) => {
    const tag = isRecord(decoded.properties) ? decoded.properties.delivery_tag : undefined;
    const index = left.findIndex((raw) => decodeEnvelope(raw).deliveryTag === tag);
    const [raw] = left.splice(index, 1);
    if (index === -1 || raw === undefined) throw new Error(`${vector.name} has no raw text for ${String(tag)}`);
    return { raw, decoded };
  });
}

function reencode(envelope: Envelope): Envelope {
  return decodeEnvelope(encodeEnvelope(envelope.message, envelope));
}

const paired = vectors.map((vector) => ({
  name: vector.name,
  pairs: vector.name.includes("malformed") ? [] : pairsOf(vector),
}));

describe("envelopes", () => {
  const cases = paired.filter(({ pairs }) => pairs.length > 0);

  it("covers both Celery versions in depth", () => {
    const count = (prefix: string): number =>
      cases.filter(({ name }) => name.startsWith(prefix)).reduce((sum, { pairs }) => sum + pairs.length, 0);
    expect(count("c526")).toBeGreaterThan(80);
    expect(count("c562")).toBeGreaterThan(80);
  });

  it.each(cases)("$name reads as Python reads it, and again after encoding", ({ pairs }) => {
    for (const { raw, decoded } of pairs) {
      const envelope = decodeEnvelope(raw);
      expect(envelope.message.headers).toEqual(decoded.headers);
      expect(envelope.message.contentType).toBe(decoded["content-type"]);
      expect(envelope.message.contentEncoding).toBe(decoded["content-encoding"]);
      const { delivery_info, delivery_tag, body_encoding, ...properties } = decoded.properties as Record<string, never>;
      expect(envelope.message.properties).toEqual(properties);
      expect({ exchange: envelope.exchange, routing_key: envelope.routingKey }).toMatchObject(
        Object.fromEntries(Object.entries(delivery_info ?? {}).filter(([name]) => name !== "redelivered")),
      );
      expect(envelope.redelivered).toBe(raw.includes('"redelivered": true'));
      expect(reencode(envelope)).toEqual({ ...envelope, redelivered: envelope.message.headers.redelivered === true });
    }
  });
});

describe("tasks", () => {
  const cases = paired
    .map(({ name, pairs }) => ({ name, pairs: pairs.filter(({ decoded }) => isTask(decoded)) }))
    .filter(({ pairs }) => pairs.length > 0);

  it.each(cases)("$name decodes to what Python decoded, and again after encoding", ({ pairs }) => {
    for (const { raw, decoded } of pairs) {
      const { message } = decodeEnvelope(raw);
      if (unread.has(message.contentType)) {
        expect(codeOf(() => decodeTask(message, options))).toBe("E_CONTENT_TYPE");
        continue;
      }
      const request = decodeTask(message, options);
      expectBody(request, decoded.body);
      const again = encodeTask(
        outgoing(request, {
          eta: request.protocol === 1 ? (decoded.body as { eta: unknown }).eta : message.headers.eta,
          expiration: message.properties.expiration,
        }),
      );
      const decodedAgain = decodeTask(decodeEnvelope(encodeEnvelope(again, decodeEnvelope(raw))).message, options);
      const { message: _before, protocol: _old, ...before } = request;
      const { message: _after, protocol: _new, ...after } = decodedAgain;
      expect(marked(after)).toEqual(
        marked({
          ...before,
          argsrepr: before.argsrepr ?? "",
          kwargsrepr: before.kwargsrepr ?? "",
          origin: before.origin ?? "",
        }),
      );
    }
  });

  it("reads protocol 1 with its fields in the body", () => {
    const [raw = ""] = envelopesIn(vectorNamed("c562.proto1-basic.redis"));
    const request = decodeTask(decodeEnvelope(raw).message, options);
    expect(request).toMatchObject({
      protocol: 1,
      task: "peer.add",
      args: [2, 3],
      retries: 0,
      timeLimits: [null, null],
    });
    expect(request.rootId).toBe(request.id);
  });

  it("writes every header and property that Python always writes", () => {
    const [raw = ""] = envelopesIn(vectorNamed("c562.task-basic.redis"));
    const { message } = decodeEnvelope(raw);
    const ours = encodeTask({ id: "a", task: "peer.add", args: [2, 3], kwargs: {} });
    expect(Object.keys(ours.headers)).toEqual(Object.keys(message.headers));
    expect(Object.keys(ours.properties).sort()).toEqual(Object.keys(message.properties).sort());
    expect(ours.headers).toMatchObject({ argsrepr: "(2, 3)", kwargsrepr: "{}", lang: "js", timelimit: [null, null] });
    expect(ours.properties).toEqual({ correlation_id: "a", reply_to: "", delivery_mode: 2, priority: 0 });
  });
});

function isTask(decoded: Record<string, unknown>): boolean {
  const hasHeader = isRecord(decoded.headers) && "task" in decoded.headers;
  return hasHeader || (isRecord(decoded.body) && "task" in decoded.body);
}

function expectBody(request: TaskRequest, body: unknown): void {
  if (Array.isArray(body)) {
    expect(marked(request.args)).toEqual(marked(body[0]));
    expect(marked(request.kwargs)).toEqual(marked(body[1]));
    expect(marked(request.embed)).toEqual(marked(body[2]));
    return;
  }
  const { args, kwargs, id, task, callbacks, errbacks, chord } = body as Record<string, unknown>;
  expect(marked([request.args, request.kwargs, request.id, request.task])).toEqual(marked([args, kwargs, id, task]));
  expect(request.embed).toMatchObject({ callbacks, errbacks, chord: chord ?? null, chain: null });
}

describe("results", () => {
  const cases = vectors
    .map((vector) => ({ name: vector.name, stored: storedIn(vector) }))
    .filter(({ name, stored }) => stored.length > 0 && !/msgpack|yaml|pickle/.test(name));

  it.each(cases)("$name reads as Python wrote it, and again after encoding", ({ stored }) => {
    for (const { text, decoded } of stored) {
      if (Array.isArray(decoded.result) && decoded.status === undefined) {
        expect(decodeGroupMeta(text)).toEqual(decoded.result);
        expect(decodeGroupMeta(encodeGroupMeta(decodeGroupMeta(text)))).toEqual(decoded.result);
        continue;
      }
      const meta = decodeResultMeta(text);
      expect(marked(documentOf(meta))).toEqual(marked(withUtcDate(decoded)));
      expect(marked(decodeResultMeta(encodeAgain(meta)))).toEqual(marked(meta));
    }
  });

  it("reads every state that was stored on the way", () => {
    const states = new Set<string>();
    for (const vector of vectors.filter(({ name }) => !/msgpack|yaml|pickle/.test(name))) {
      for (const text of textsIn(vector.raw).filter((candidate) => candidate.startsWith('{"status"'))) {
        states.add(decodeResultMeta(text).status);
      }
    }
    expect([...states].sort()).toEqual(
      expect.arrayContaining(["FAILURE", "PROGRESS", "RETRY", "REVOKED", "STARTED", "SUCCESS"]),
    );
  });
});

interface Stored {
  readonly text: string;
  readonly decoded: Record<string, unknown>;
}

function storedIn(vector: Vector): readonly Stored[] {
  const keys = isRecord(vector.decoded) && isRecord(vector.decoded.keys) ? vector.decoded.keys : {};
  const raw = isRecord(vector.raw) && Array.isArray(vector.raw.backend_keys) ? vector.raw.backend_keys : [];
  return raw.flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.key !== "string" || typeof entry.value !== "string") return [];
    const decoded = keys[entry.key];
    const isMeta = isRecord(decoded) && ("status" in decoded || Array.isArray(decoded.result));
    return isMeta ? [{ text: entry.value, decoded }] : [];
  });
}

/** The meta in wire names, dates in UTC with offset whatever the version wrote. */
function documentOf(meta: ResultMeta): Record<string, unknown> {
  return {
    ...meta.extra,
    status: meta.status,
    result: meta.result,
    traceback: meta.traceback,
    children: meta.children,
    date_done: meta.dateDoneMs,
    task_id: meta.taskId,
    ...(meta.groupId === undefined ? undefined : { group_id: meta.groupId }),
    ...(meta.parentId === undefined ? undefined : { parent_id: meta.parentId }),
  };
}

function withUtcDate(document: Record<string, unknown>): Record<string, unknown> {
  const text = document.date_done;
  if (typeof text !== "string") return document;
  return { ...document, date_done: Date.parse(/[+Z]/.test(text.slice(19)) ? text : `${text}Z`) };
}

function encodeAgain(meta: ResultMeta): string {
  const { name, args, kwargs, worker, retries, queue, stamped_headers, ...stamps } = meta.extra;
  const isExtended = name !== undefined;
  return encodeResultMeta({
    taskId: meta.taskId,
    status: meta.status,
    result: encodeJson(meta.result),
    traceback: meta.traceback,
    children: meta.children,
    dateDoneMs: meta.dateDoneMs,
    ...(meta.groupId === undefined ? undefined : { groupId: meta.groupId }),
    ...(meta.parentId === undefined ? undefined : { parentId: meta.parentId }),
    ...(isExtended && {
      extended: {
        name: String(name),
        args,
        kwargs,
        worker: String(worker),
        retries: Number(retries),
        queue: String(queue),
      },
    }),
    ...(stamped_headers === undefined ? undefined : { stamps }),
  });
}

describe("remote control", () => {
  const cases = paired.filter(({ name, pairs }) => name.includes("pidbox") && pairs.length > 0);

  it.each(cases)("$name: requests and replies read and encode again", ({ pairs }) => {
    let seen = 0;
    for (const { raw, decoded } of pairs) {
      const { message, exchange } = decodeEnvelope(raw);
      if (exchange === "celery.pidbox") {
        const request = decodeControlRequest(message);
        const again = encodeControlRequest(request, { clock: request.clock, expires: Number(message.headers.expires) });
        expect(again.headers).toEqual(message.headers);
        expect(again.properties).toEqual(message.properties);
        expect(decodeJson(new TextDecoder().decode(again.body))).toEqual(decoded.body);
        seen += 1;
      } else if (exchange === "reply.celery.pidbox") {
        const { ticket, clock, replies } = decodeControlReply(message);
        expect(replies.size).toBe(1);
        for (const [node, reply] of replies) {
          const again = encodeControlReply(node, reply, { ticket, clock });
          expect(again.headers).toEqual(message.headers);
          expect(again.properties).toEqual(message.properties);
          expect(marked(decodeJson(new TextDecoder().decode(again.body)))).toEqual(marked(decoded.body));
        }
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(0);
  });
});

describe("unacknowledged messages", () => {
  it.each(["c526", "c562"])("%s: the envelope inside the unacked hash reads", (version) => {
    const { decoded } = vectorNamed(`${version}.unacked-inflight`);
    const unacked = isRecord(decoded) && isRecord(decoded.unacked) ? Object.entries(decoded.unacked) : [];
    expect(unacked.length).toBeGreaterThan(0);
    for (const [tag, entry] of unacked) {
      const [envelope, exchange, routingKey]: unknown[] = Array.isArray(entry) ? entry : [];
      const read = decodeEnvelope(encodeJson(envelope));
      expect(read).toMatchObject({ deliveryTag: tag, exchange, routingKey, redelivered: false });
      expect(decodeTask(read.message, options).task).toBe("peer.sleeping_late");
    }
  });
});

describe("messages that Python workers choke on", () => {
  const expected: Readonly<Record<string, string>> = {
    "minimal-valid": "ok",
    "embed-null-members": "ok",
    "embed-null": "ok",
    "two-element-body": "E_SHAPE",
    "body-object-no-args": "E_SHAPE",
    "kwargs-null": "E_SHAPE",
    "args-null": "E_SHAPE",
    "args-object": "E_SHAPE",
    "bad-json": "E_BODY",
    "unknown-type-tag": "E_BODY",
    // Python refuses a gzip member where the zlib stream should be; reading it is harmless.
    "gzip-member-as-x-gzip": "ok",
    "unknown-compression": "E_COMPRESSION",
    "unknown-content-type": "E_CONTENT_TYPE",
    "missing-content-type": "E_CONTENT_TYPE",
    "missing-content-encoding": "ok",
    "bad-eta": "E_HEADER",
    "eta-z-suffix": "ok",
    "eta-millis-z": "ok",
    "eta-number": "E_HEADER",
    "timelimit-null": "ok",
    "no-id-header": "E_HEADER",
    "no-task-anywhere": "E_PROTOCOL",
    "headers-null": "E_PROTOCOL",
    "headers-absent": "E_PROTOCOL",
    "priority-null": "ok",
    "reply-to-absent": "ok",
    "no-body-encoding": "ok",
    "no-delivery-info": "ok",
    "no-delivery-tag": "ok",
    "not-an-envelope": "E_ENVELOPE",
  };

  it.each(["c526", "c562"])("%s: each gets its reason code and none throws anything else", (version) => {
    const { raw } = vectorNamed(`${version}.malformed-handling`);
    const outcomes: Record<string, string> = {};
    for (const entry of Array.isArray(raw) ? raw : []) {
      if (!isRecord(entry) || !Array.isArray(entry.args)) continue;
      const text = String(entry.args.at(-1));
      outcomes[String(entry.case)] = codeOf(() => decodeTask(decodeEnvelope(text).message, options));
    }
    expect(outcomes).toMatchObject(Object.fromEntries(Object.entries(expected).filter(([name]) => name in outcomes)));
    expect(Object.keys(outcomes).length).toBeGreaterThanOrEqual(version === "c562" ? 30 : 25);
  });
});

function codeOf(run: () => unknown): string {
  try {
    run();
    return "ok";
  } catch (error) {
    return (error as DecodeError).code;
  }
}

it("dates in results are UTC with offset and microseconds", () => {
  expect(formatIsoUtc(Date.parse("2026-11-20T12:35:39.137Z"))).toBe("2026-11-20T12:35:39.137000+00:00");
});
