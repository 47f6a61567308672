// @ts-check
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inWorkspace } from "../workspace/workspace-root.mjs";

/**
 * Where servers keep their data, sockets and logs: `.services/`, or what `CELERIAC_SERVICES_FOLDER` names. Git ignores
 * it; deleting it while nothing runs is safe.
 */
export const servicesFolder = process.env.CELERIAC_SERVICES_FOLDER ?? inWorkspace(".services");

const stateFile = join(servicesFolder, "state.json");

/**
 * @typedef {object} State
 * @property {Record<string, number>} ports - Last port of each service, kept after `down`.
 * @property {Record<string, import("./service.mjs").Provision>} provisions - What `up` found or started.
 */

/** @returns {State} Empty when there is no state file or it cannot be read as JSON. */
export function readState() {
  try {
    const parsed = JSON.parse(readFileSync(stateFile, "utf8"));
    return { ports: parsed.ports ?? {}, provisions: parsed.provisions ?? {} };
  } catch {
    return { ports: {}, provisions: {} };
  }
}

/**
 * Replaces the state file in one step, so a reader never sees half of it.
 * @param {State} state
 */
export function writeState(state) {
  mkdirSync(servicesFolder, { recursive: true });
  const draft = `${stateFile}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(draft, stateFile);
}
