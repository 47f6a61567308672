/**
 * The planted faults of a run with chords: bodies that are stored twice, thrown away, or given a list in another order.
 * They sit below everything that could prevent them.
 * @module
 */
import type { CallOptions, Message, OncePublisher, Route } from "@celeriac/core";
import type { Plant } from "./chord-load.js";
import { BODY_TASK, placeInChord } from "./chord-place.js";

/** As much of a broker as this looks at. */
export interface Publishing {
  publish(message: Message, route: Route, call?: CallOptions): Promise<void>;
  readonly once?: OncePublisher;
}

export function spoilChords<Given extends Publishing>(
  broker: Given,
  plants: ReadonlyMap<number, Plant>,
): Pick<Publishing, "publish" | "once"> {
  const { once } = broker;
  const publish: Publishing["publish"] = async (message, route, call) => {
    const plant = plantOf(message, plants);
    if (plant === "never") return;
    await broker.publish(plant === "swapped" ? swap(message) : message, route, call);
    if (plant === "twice") await broker.publish(message, route, call);
  };
  if (once === undefined) return { publish };
  const publishOnce: OncePublisher["publish"] = async (message, route, key, call) => {
    const plant = plantOf(message, plants);
    if (plant === "never") return true;
    const isNew = await once.publish(plant === "swapped" ? swap(message) : message, route, key, call);
    if (plant === "twice" && isNew) await broker.publish(message, route, call);
    return isNew;
  };
  return { publish, once: { publish: publishOnce } };
}

function plantOf(message: Message, plants: ReadonlyMap<number, Plant>): Plant | undefined {
  if (plants.size === 0 || message.headers.task !== BODY_TASK) return undefined;
  const place = placeInChord(BODY_TASK, readBody(message)[0]);
  return place === undefined ? undefined : plants.get(place.chord);
}

/** The first two results change places. */
function swap(message: Message): Message {
  const [args, kwargs, embed] = readBody(message);
  if (!Array.isArray(args) || !Array.isArray(args[0])) return message;
  const [first, second, ...others]: readonly unknown[] = args[0];
  const body = [[[second, first, ...others], ...args.slice(1)], kwargs, embed];
  return { ...message, body: Buffer.from(JSON.stringify(body)) };
}

function readBody(message: Message): readonly unknown[] {
  return JSON.parse(Buffer.from(message.body).toString("utf8")) as readonly unknown[]; // our own messages
}
