import { carryOut, plan } from "@celeriac/canvas";
import type { App } from "@celeriac/core";
import type { Ledger } from "../ledger/ledger.js";
import { TASK } from "./chaos-app.js";
import type { PlannedChord } from "./chord-load.js";
import { fails } from "./chord-load.js";
import { toWorkflow } from "./chord-tasks.js";
import type { Behaviour } from "./load.js";
import { taskId } from "./load.js";
import { refusal } from "./refusal.js";

export async function publishTask(app: App, ledger: Ledger, id: string, behaviour: Behaviour): Promise<void> {
  ledger.write("P", { id, extra: { behaviour } });
  try {
    await app.send(TASK, [behaviour], { taskId: id });
  } catch (error) {
    ledger.write("N", { id, extra: refusal(error) });
    return;
  }
  ledger.write("K", { id });
}

/** Notes the chord as a whole; its messages are noted by the watched broker. */
export async function publishChord(app: App, ledger: Ledger, run: string, planned: PlannedChord): Promise<void> {
  const { number: chord, header } = planned;
  let ids = 0;
  const newId = (): string => `${taskId(run, chord)}-${ids++}`;
  const { steps, result } = plan(toWorkflow(planned), { newId });
  const group = steps.flatMap((step) => (step.kind === "setChordSize" ? [step.groupId] : []))[0];
  const about = { chord, size: header.length, fails: fails(planned), body: result?.[0][0], group };
  ledger.write("W", { extra: { ...about, phase: "intended" } });
  try {
    await carryOut(app, steps);
  } catch (error) {
    ledger.write("W", { extra: { chord, phase: "refused", error: String(error).slice(0, 300) } });
    return;
  }
  ledger.write("W", { extra: { chord, phase: "confirmed" } });
}
