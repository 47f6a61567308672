import { randomUUID } from "node:crypto";
import { carryOut, chord, plan, signatureOf } from "@celeriac/canvas";
import type { ChordStore, ResultBackend, SignatureLike } from "@celeriac/core";
import { BackendError } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import type { Stage } from "./support/stage.js";
import { createStage } from "./support/stage.js";
import { wrapBackend } from "./support/wrap-backend.js";

/** The first close of each chord fails as if its answer was lost, so that its last member is counted a second time. */
function closingTwice(backend: ResultBackend, closed: (groupId: string) => void): ResultBackend {
  const chords = backend.chords;
  if (chords === undefined) throw new Error("the memory backend counts");
  const failed = new Set<string>();
  const twice: ChordStore = {
    setSize: (...given) => chords.setSize(...given),
    extend: (...given) => chords.extend(...given),
    addPart: (...given) => chords.addPart(...given),
    close: async (groupId, options) => {
      if (!failed.has(groupId)) {
        failed.add(groupId);
        throw new BackendError("no answer", { code: "BACKEND_TIMEOUT", retryable: true });
      }
      await chords.close(groupId, options);
      closed(groupId);
    },
  };
  return { ...wrapBackend(backend, (record) => backend.store(record)), chords: twice };
}

interface Counted {
  readonly stage: Stage;
  readonly body: ReturnType<typeof vi.fn>;
  readonly errback: ReturnType<typeof vi.fn>;
  readonly closed: ReturnType<typeof vi.fn>;
}

async function open(): Promise<Counted> {
  const [body, errback, closed] = [vi.fn(), vi.fn(), vi.fn()];
  const stage = createStage({ wrapBackend: (backend) => closingTwice(backend, closed) });
  stage.app.task("part", (n: number) => {
    if (n === 0) throw new Error("bad part");
    return n;
  });
  stage.app.task("body", (values: number[]) => body(values));
  stage.app.task("errback", (id: string) => errback(id));
  await stage.work();
  return { stage, body, errback, closed };
}

/** Sends it, waits until the chord is closed, and then for a task sent after that: nothing is left in the queue. */
async function runOut({ stage, closed }: Counted, workflow: SignatureLike): Promise<void> {
  await carryOut(stage.app, plan(workflow, { newId: randomUUID }).steps);
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  await stage.app.send("part", [1]).get({ timeout: "5s" });
}

const chordOf = (...parts: readonly number[]): SignatureLike =>
  chord(
    parts.map((n) => signatureOf("part", [n])),
    signatureOf("body").onError(signatureOf("errback")),
  );

describe("a member that finds its chord complete twice", () => {
  it("sends the body once", async () => {
    const counted = await open();
    await runOut(counted, chordOf(1, 2));
    expect(counted.body.mock.calls).toEqual([[[1, 2]]]);
  });

  it("sends the errback of a failed chord once", async () => {
    const counted = await open();
    await runOut(counted, chordOf(1, 0));
    expect(counted.errback).toHaveBeenCalledTimes(1);
    expect(counted.body).not.toHaveBeenCalled();
  });
});
