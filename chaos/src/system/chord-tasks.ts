/**
 * The tasks of chords. A header task returns another value each time it runs, so that a result counted twice, or taken
 * from two runs, shows in the list.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { chord, signatureOf } from "@celeriac/canvas";
import type { App, SignatureLike } from "@celeriac/core";
import type { Ledger } from "../ledger/ledger.js";
import type { PlannedChord } from "./chord-load.js";
import { BODY_TASK, ERRBACK_TASK, PART_TASK } from "./chord-place.js";
import type { Behaviour } from "./load.js";

const QUICK_MS = 5;
/** Short enough that some worker lives so long, however often they are killed: the last tasks must end too. */
const SLOW_MS = 400;
const RETRY_AFTER_S = 0.1;
/** So many entries fit into a line of the ledger, whatever the list. */
const ENTRIES_TOLD = 60;

export interface ChordTaskOptions {
  readonly ledger: Ledger;
  readonly boot: string;
}

export function defineChordTasks(app: App, { ledger, boot }: ChordTaskOptions): void {
  let runs = 0;
  app.task(
    PART_TASK,
    { bind: true, maxRetries: 1 },
    async (ctx, chord: number, index: number, behaviour: Behaviour) => {
      const { id, retries: attempt } = ctx;
      runs += 1;
      const value = `${index}:${boot}:${process.pid}:${runs}`;
      ledger.write("S", { id, attempt, extra: { chord, role: "part", index, wall: Date.now() } });
      await pause(behaviour === "slow" ? SLOW_MS : QUICK_MS);
      const out = behaviour === "retry" && attempt === 0 ? "retry" : behaviour === "raise" ? "raise" : "ok";
      ledger.write("E", {
        id,
        attempt,
        extra: { chord, role: "part", index, out, ...(out === "ok" ? { value } : {}) },
      });
      if (out === "raise") throw new Error(`asked to fail: ${value}`);
      if (out === "retry") ctx.retry({ countdown: RETRY_AFTER_S });
      return value;
    },
  );
  app.task(BODY_TASK, { bind: true }, async (ctx, values: readonly unknown[], chord: number, pace: string) => {
    const { id, retries: attempt } = ctx;
    const told = { list: values.slice(0, ENTRIES_TOLD), length: values.length };
    ledger.write("S", { id, attempt, extra: { chord, role: "body", wall: Date.now(), ...told } });
    await pause(pace === "slow" ? SLOW_MS : QUICK_MS);
    ledger.write("E", { id, attempt, extra: { chord, role: "body", out: "ok" } });
    return values;
  });
  app.task(ERRBACK_TASK, { bind: true }, async (ctx, _failed: string, chord: number) => {
    const { id, retries: attempt } = ctx;
    ledger.write("S", { id, attempt, extra: { chord, role: "errback", wall: Date.now() } });
    await pause(QUICK_MS);
    ledger.write("E", { id, attempt, extra: { chord, role: "errback", out: "ok" } });
  });
}

/** A planned chord as a workflow. */
export function toWorkflow({ number, header, body }: PlannedChord): SignatureLike {
  const parts = header.map((behaviour, index) => signatureOf(PART_TASK, [number, index, behaviour]));
  return chord(parts, signatureOf(BODY_TASK, [number, body]).onError(signatureOf(ERRBACK_TASK, [number])));
}
