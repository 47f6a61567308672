import type { Message, SendOptions, SignatureLike } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import type { Plan, Workflow } from "../src/index.js";
import { chain, chord, chunks, encodePlanned, fromJSON, group, map, plan, signatureOf, starmap } from "../src/index.js";
import { difference, newId } from "./same-structure.js";
import { messagesOf, orderOf, signaturesIn, vectorNamed, vectors } from "./vector-files.js";

type Sig = Workflow<readonly unknown[], unknown>;
const sig =
  (name: string, immutable = false) =>
  (...args: readonly unknown[]): Sig =>
    signatureOf(name, args, { immutable });
const add = sig("peer.add");
const mul = sig("peer.mul");
const xsum = sig("peer.xsum");
const onErrorId = sig("peer.on_error_id");
const addOnly = sig("peer.add", true);
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const twice = (n: number): Sig => add(n, n);

interface Case {
  readonly workflow: SignatureLike;
  readonly options?: SendOptions;
}

const links: SendOptions = { link: mul(10), linkError: onErrorId() };
const manyLinks: SendOptions = {
  link: [mul(10), addOnly(7, 7).set({ queue: "other", countdown: 5 })],
  linkError: [sig("peer.on_error")(), sig("peer.on_error_id", true)("fixed")],
};
const kwecho = signatureOf("peer.kwecho", [], { kwargs: { flag: true } });

const cases: Readonly<Record<string, Case>> = {
  link: { workflow: add(2, 2), options: links },
  "link-many": { workflow: add(2, 2), options: manyLinks },
  chain2: { workflow: chain(add(2, 2), mul(10)) },
  chain4: {
    workflow: chain(add(2, 2), kwecho, addOnly(5, 5).set({ priority: 6 }), mul(3).set({ queue: "slow" })),
  },
  "chain-link-error": { workflow: chain(add(2, 2), mul(10), add(1)), options: { linkError: onErrorId() } },
  group3: { workflow: group(range(3).map(twice)) },
  "group-nested": { workflow: group(add(0, 0), group(add(1, 1), add(2, 2)), chain(add(3, 3), mul(2))) },
  chord: { workflow: chord(range(3).map(twice), xsum()) },
  "chord-empty": { workflow: chord([], xsum()) },
  "chord-body-chain": { workflow: chord(range(2).map(twice), chain(xsum(), mul(2))) },
  "task-group-task": { workflow: chain(add(1, 1), group(add(10), mul(10)), xsum()) },
  "task-then-group": { workflow: chain(add(1, 1), group(add(10), mul(10))) },
  "chain-in-chord": {
    workflow: chord(
      range(2).map((n) => chain(twice(n), mul(2))),
      xsum(),
    ),
  },
  chunks: {
    workflow: chunks(
      add(),
      range(7).map((n) => [n, n]),
      3,
    ),
  },
  map: { workflow: map(xsum(), [[1, 2], [3]]) },
  starmap: {
    workflow: starmap(add(), [
      [1, 2],
      [3, 4],
    ]),
  },
  "signature-arg": {
    workflow: sig("peer.kwecho")(
      ...[
        add(1, 2),
        group([add(1, 2)]),
        chain(add(1), add(2)),
        chord([add(1, 1)], xsum()),
        starmap(add(), [[1, 2]]),
        chunks(add(), [[1, 2]], 1),
      ].map((workflow) => workflow.toJSON()),
    ),
  },
};

const replyTo = newId();
const planOf = ({ workflow, options = {} }: Case): Plan => plan(workflow, { newId, replyTo, options });

/** What a message says, without its sender and the texts for humans, where Python shows tuples. */
function sense(headers: Readonly<Record<string, unknown>>, body: unknown): unknown {
  const { lang, origin, argsrepr, kwargsrepr, ...rest } = headers;
  return { headers: rest, body };
}

function encoded({ steps }: Plan): readonly Message[] {
  return steps.flatMap((step) =>
    step.kind === "publish" ? [encodePlanned(step.task, { nowMs: 0, origin: "gen1@host", replyTo })] : [],
  );
}

describe("a planned workflow", () => {
  it.each(Object.entries(cases))("is what Celery 5.6.2 sends: %s", (name, given) => {
    const vector = vectorNamed(`c562.canvas-${name}.redis`);
    const planned = planOf(given);
    const mine = encoded(planned).map(({ headers, body }) =>
      sense(headers, JSON.parse(new TextDecoder().decode(body))),
    );
    const theirs = messagesOf(vector).map(({ headers, body }) => sense(headers, body));
    expect(difference(mine, theirs)).toBeUndefined();
    const seen = planned.steps.filter((step) => step.kind !== "openChord"); // a store that counts needs none
    const order = seen.map((step) => (step.kind === "setChordSize" ? `size ${step.size}` : step.kind));
    expect(order).toEqual(orderOf(vector));
  });

  it("covers every captured canvas", () => {
    const captured = [...vectors.keys()].filter((name) => name.startsWith("c562."));
    expect(captured.map((name) => name.replace(/^c562\.canvas-(.*)\.redis$/, "$1")).sort()).toEqual(
      Object.keys(cases).sort(),
    );
  });
});

describe("a signature from Python", () => {
  it("comes out of toJSON as it went in", () => {
    const all = [...vectors.values()].flatMap((vector) => signaturesIn(messagesOf(vector).map(({ body }) => body)));
    expect(all.length).toBeGreaterThan(100);
    for (const dictionary of all) expect(fromJSON(dictionary).toJSON()).toEqual(dictionary);
  });
});
