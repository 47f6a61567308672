import type { WorkerLog } from "../stage/worker-messages.js";

/** A log line of the worker as one line for people: the last part of the task's name, what happened, why. */
export function tellLog({ message, fields }: WorkerLog): string {
  const task = textOf(fields.task).replace(/^demo\./, "");
  const about = task === "" ? message : message.replace(/^(the )?task/, `${task}:`).replace(/^message/, `${task}:`);
  const wait = typeof fields.inMs === "number" ? ` in ${(fields.inMs / 1000).toFixed(1)} s` : "";
  const why = textOf(fields.error) || textOf(fields.reason);
  return `${about}${wait}${why === "" ? "" : ` (${why})`}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
