// @ts-check
import { findService, stopService } from "./find-service.mjs";
import { services } from "./service-table.mjs";
import { withServicesLock } from "./services-lock.mjs";

/** @typedef {import("./find-service.mjs").Found} Found */

/**
 * @typedef {object} StartedServices
 * @property {readonly Found[]} found - One per service asked for, missing ones included.
 * @property {Record<string, string>} env - Variables to give to whoever uses the services.
 * @property {() => Promise<void>} stop - Stops what this call started and leaves the rest alone.
 */

/**
 * Makes services available. A service that cannot be had is reported in `found`, never thrown.
 * @param {object} [options]
 * @param {readonly string[]} [options.names] - Default: all of them.
 * @param {(line: string) => void} [options.announce] - Default: standard error.
 * @returns {Promise<StartedServices>}
 * @throws Error when a name is unknown.
 */
export async function startServices({ names = [], announce = (line) => console.error(line) } = {}) {
  const found = await withServicesLock(async () => {
    /** @type {Found[]} */
    const results = [];
    for (const service of selectServices(names)) results.push(await findService(service, announce));
    return results;
  });
  return { found, env: serviceEnvironment(found), stop: () => stopStarted(found) };
}

/**
 * @param {readonly string[]} names - Empty means all.
 * @throws Error when a name is unknown.
 */
export function selectServices(names) {
  const unknown = names.filter((name) => !services.some((service) => service.name === name));
  if (unknown.length > 0) {
    const known = services.map((service) => service.name).join(", ");
    throw new Error(`Unknown service "${unknown.join(", ")}". Known: ${known}.`);
  }
  return services.filter((service) => names.length === 0 || names.includes(service.name));
}

/**
 * @param {readonly Found[]} found
 * @returns {Record<string, string>}
 */
export function serviceEnvironment(found) {
  return Object.assign({}, ...found.map(({ provision }) => provision?.env ?? {}));
}

/** @param {readonly Found[]} found */
async function stopStarted(found) {
  const ours = found.filter(({ startedHere }) => startedHere);
  if (ours.length === 0) return;
  await withServicesLock(async () => {
    for (const { service } of ours) await stopService(service);
  });
}
