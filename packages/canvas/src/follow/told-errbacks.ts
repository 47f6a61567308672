/**
 * Who has been told of a failure already. A chord in a header carries the error callbacks of the chord around it, and its
 * body may fail without having run: then both bodies would tell the same callbacks. So the failed body's completion says in
 * the outer chord which ones know. Python reads the exception and ignores the rest.
 * @see `celery/canvas.py`, `_chord.link_error`, "nested chords in the header".
 * @module
 */
import { createHash } from "node:crypto";
import type { ChordEntry, WireException, WireSignature } from "@celeriac/core";
import { encodeJson } from "@celeriac/core";

const MEMBER = "celeriac_told";

/** The same for callbacks that are the same. */
function keyOf(errback: WireSignature): string {
  return createHash("sha1").update(encodeJson(errback)).digest("base64url");
}

/** JSON text of a body's exception, as its completion in an outer chord. @param told - Who was told of it. */
export function encodeTold(exception: WireException, told: readonly WireSignature[]): string {
  return encodeJson(told.length === 0 ? exception : { ...exception, [MEMBER]: told.map(keyOf) });
}

/** Those of the callbacks that no failed member of the header has told. */
export function untold(errbacks: readonly WireSignature[], entries: readonly ChordEntry[]): readonly WireSignature[] {
  const told = new Set(entries.flatMap(({ result }) => toldIn(result)));
  return told.size === 0 ? errbacks : errbacks.filter((errback) => !told.has(keyOf(errback)));
}

function toldIn(result: unknown): readonly unknown[] {
  if (typeof result !== "object" || result === null || !("exc_type" in result) || !(MEMBER in result)) return [];
  return Array.isArray(result[MEMBER]) ? result[MEMBER] : [];
}
