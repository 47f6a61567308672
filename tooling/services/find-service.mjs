// @ts-check
import { join } from "node:path";
import { findFreePort } from "./free-port.mjs";
import { readState, servicesFolder, writeState } from "./state-file.mjs";

/** @typedef {import("./service.mjs").Service} Service */
/** @typedef {import("./service.mjs").Provision} Provision */

/**
 * @typedef {object} Found
 * @property {Service} service
 * @property {Provision} [provision] - Absent when the service is missing.
 * @property {string} [missing] - Why it is missing: every way that was tried.
 * @property {boolean} startedHere - True when this very call started a process or container.
 */

/**
 * Looks without starting anything: the environment, then what the state file remembers and still works.
 * @param {Service} service
 * @returns {Promise<Found>}
 */
export async function lookUpService(service) {
  if ((process.env[service.variable] ?? "") !== "") {
    try {
      return { service, provision: await service.fromEnvironment(process.env), startedHere: false };
    } catch (error) {
      return { service, missing: reason(error), startedHere: false };
    }
  }
  const remembered = readState().provisions[service.name];
  if (remembered !== undefined && (await service.isUsable(remembered))) {
    return { service, provision: remembered, startedHere: false };
  }
  return { service, missing: "not started", startedHere: false };
}

/**
 * Makes a service available: what is there is used, else its finders are tried in order. Hold the services lock.
 * @param {Service} service
 * @param {(line: string) => void} announce
 * @returns {Promise<Found>}
 */
export async function findService(service, announce) {
  const present = await lookUpService(service);
  if (present.provision !== undefined || (process.env[service.variable] ?? "") !== "") return present;
  /** @type {string[]} */
  const reasons = [];
  const context = { folder: join(servicesFolder, service.name), port: () => rememberedPort(service.name), announce };
  for (const find of service.finders) {
    const outcome = await find(context).catch((error) => ({ notHere: reason(error) }));
    if ("notHere" in outcome) {
      const { notHere } = outcome;
      // Two ways can fail for the same reason, which is worth saying once.
      if (!reasons.some((known) => known.includes(notHere))) reasons.push(notHere);
      continue;
    }
    const state = readState();
    writeState({ ...state, provisions: { ...state.provisions, [service.name]: outcome } });
    return { service, provision: outcome, startedHere: outcome.pid !== undefined || outcome.compose !== undefined };
  }
  return { service, missing: reasons.join("; "), startedHere: false };
}

/**
 * Stops what we started for this service and forgets it.
 * @param {Service} service
 * @returns {Promise<boolean>} False when there was nothing to stop.
 */
export async function stopService(service) {
  const state = readState();
  const provision = state.provisions[service.name];
  if (provision === undefined) return false;
  await service.stop(provision);
  const { [service.name]: _stopped, ...provisions } = state.provisions;
  writeState({ ...state, provisions });
  return provision.pid !== undefined || provision.compose !== undefined;
}

/** @param {string} name */
async function rememberedPort(name) {
  const state = readState();
  const port = await findFreePort(state.ports[name]);
  writeState({ ...state, ports: { ...state.ports, [name]: port } });
  return port;
}

/** @param {unknown} error */
function reason(error) {
  return error instanceof Error ? error.message : String(error);
}
