import { setTimeout as sleep } from "node:timers/promises";
import type { Screen } from "../screen/screen.js";
import { tellLog } from "../screen/tell-log.js";
import { Stage } from "../stage/stage.js";
import { close } from "./closing.js";
import { scenes } from "./scenes.js";
import { SteadyTasks } from "./steady-tasks.js";

/** Long enough to read what was just shown. */
const PAUSE_MS = 2_000;

/** Plays the scenes until they or the audience end. @returns the exit code. */
export async function runShow(screen: Screen, stop: AbortSignal): Promise<number> {
  screen.title("Celeriac: Celery in TypeScript");
  screen.text(
    "This process is a producer. It starts a worker with two child processes; there is no server, messages are files in a folder. About 30 seconds; Ctrl-C ends it earlier.",
  );
  screen.blank();
  const seen: string[] = [];
  try {
    await using stage = await Stage.open((line) => screen.say("worker", tellLog(line)));
    screen.say("producer", `worker ${stage.workerPid} takes tasks from ${stage.messages}`);
    await play(screen, stage, stop, seen);
  } catch (error) {
    if (!stop.aborted) {
      screen.text(`The show broke off: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
  }
  close(screen, seen);
  return 0;
}

async function play(screen: Screen, stage: Stage, stop: AbortSignal, seen: string[]): Promise<void> {
  const curtain = new AbortController();
  const context = { stage, screen, signal: AbortSignal.any([stop, curtain.signal]) };
  screen.heading(1, "Steady tasks, from now to the end");
  const steady = new SteadyTasks(context);
  try {
    for (const [index, scene] of scenes.entries()) {
      await sleep(PAUSE_MS, undefined, { signal: stop });
      screen.heading(index + 2, scene.title);
      seen.push(await scene.play(context));
    }
    await sleep(PAUSE_MS, undefined, { signal: stop });
  } finally {
    curtain.abort();
    seen.unshift(await steady.finish());
  }
}
