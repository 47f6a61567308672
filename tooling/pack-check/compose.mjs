/** A workflow without any transport: what would have to be sent for it. Copied into an empty project. */
import { randomUUID } from "node:crypto";
import { chain, encodePlanned, group, plan, signatureOf } from "@celeriac/canvas";

const add = (...args) => signatureOf("tasks.add", args);
const workflow = chain(group(add(1, 1), add(2, 2)), signatureOf("tasks.sum"));
const { steps, result } = plan(workflow, { newId: randomUUID });
for (const step of steps) {
  if (step.kind === "publish") {
    const { headers, body } = encodePlanned(step.task, { nowMs: Date.now(), origin: "pack@check" });
    console.log("publish", headers.task, new TextDecoder().decode(body));
  } else if (step.kind === "setChordSize") {
    console.log("store: the chord", step.groupId, "waits for", step.size, "results");
  }
}
console.log("the result will be under", result[0][0]);
