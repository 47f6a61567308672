import type { TaskDefinition } from "@celeriac/core";
import type { HeldRequest } from "../request/held-request.js";
import type { ControlHandler } from "./handlers.js";
import { requestInfo } from "./request-info.js";

/** What `registered` shows of a task when it is not asked for anything else; the names are Celery's. */
const DEFAULT_ITEMS = ["exchange", "routing_key", "rate_limit"];

/** `name`, or `name [item=value …]` with the items asked for that the task has. */
export const registered: ControlHandler = (view, args) => {
  const builtins = args.builtins === true;
  const items = texts(args.taskinfoitems);
  return [...view.app.tasks.values()]
    .filter(({ name }) => builtins || !name.startsWith("celery."))
    .map((task) => describe(task, items.length === 0 ? DEFAULT_ITEMS : items))
    .sort();
};

function describe(task: TaskDefinition, items: readonly string[]): string {
  const shown = items.flatMap((item) => {
    const value = attributeOf(task, item);
    return value === undefined || value === null ? [] : [`${item}=${String(value)}`];
  });
  return shown.length === 0 ? task.name : `${task.name} [${shown.join(" ")}]`;
}

/** Attributes under Celery's names; own ones only, as the name comes from outside. */
function attributeOf(task: TaskDefinition, item: string): unknown {
  if (item === "name") return task.name;
  const option = item.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const entry = Object.entries(task.options).find(([name]) => name === option);
  return typeof entry?.[1] === "object" ? undefined : entry?.[1];
}

/** `{ id: [state, info] }` for those of the ids that are here. @see PROTOCOL 10.3. */
export const queryTask: ControlHandler = (view, args) => {
  const wanted = new Set(typeof args.ids === "string" ? [args.ids] : texts(args.ids));
  const found = (held: HeldRequest, state: string): readonly (readonly [string, unknown])[] =>
    wanted.has(held.request.id) ? [[held.request.id, [state, requestInfo(view, held)]]] : [];
  const active = [...view.dispatcher.active].flatMap((held) => found(held, "active"));
  const ready = [...view.dispatcher.ready].flatMap((held) => found(held, "reserved"));
  return Object.fromEntries([...ready, ...active]);
};

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
