import { readFileSync } from "node:fs";
import { decodeResultMeta, encodeResultMessage, type ResultMeta } from "@celeriac/core/protocol";
import { describe, expect, it } from "vitest";

interface Recorded {
  readonly decoded: { readonly published: readonly { readonly body: unknown }[] };
}

/** What Celery's workers sent to the reply queue; `c526` is Celery 5.2.6, `c562` is 5.6.2. */
function recorded(name: string): readonly string[] {
  const vector: Recorded = JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"));
  const bodies = vector.decoded.published.map(({ body }) => body);
  return bodies.filter((body) => !Array.isArray(body)).map((body) => JSON.stringify(body)); // those are tasks
}

function encodeAgain(meta: ResultMeta): string {
  return encodeResultMessage({ ...meta, result: JSON.stringify(meta.result) });
}

const RECORDINGS = ["success", "failure", "retry"].flatMap((what) => [`c526.rpc-${what}`, `c562.rpc-${what}`]);

describe("the messages of Celery's workers", () => {
  it.each(RECORDINGS)("in %s are read and written as they are, member by member", (name) => {
    const messages = recorded(name);
    expect(messages.length).toBeGreaterThan(1);
    for (const text of messages) expect(encodeAgain(decodeResultMeta(text))).toBe(text);
  });
});
