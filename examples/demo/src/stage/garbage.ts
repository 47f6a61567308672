import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetterRecord } from "@celeriac/core";
import type { Stage } from "./stage.js";

/** Puts something into the default queue that is no message, named as kombu names its files. */
export async function dropGarbage(stage: Stage, text: string): Promise<void> {
  const ms = process.hrtime.bigint() / 1_000_000n;
  await writeFile(join(stage.messages, `${ms}_${randomUUID()}.celery.msg`), text);
}

/** The dead letter that holds exactly this text. @throws the signal's reason when it does not come. */
export async function findDeadLetter(stage: Stage, text: string, signal: AbortSignal): Promise<DeadLetterRecord> {
  const raw = Buffer.from(text).toString("base64");
  for (;;) {
    const records = await stage.demo.app.broker.deadLetters.list();
    const found = records.find((record) => record.raw === raw);
    if (found !== undefined) return found;
    await sleep(100, undefined, { signal });
  }
}
