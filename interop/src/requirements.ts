import { findPython } from "./peer/find-python.js";
import { findRedis } from "./stage/redis-stage.js";

/**
 * What is missing to run these suites here, `undefined` when nothing is.
 * @throws Error on CI, where a missing peer is a failure and not a reason to skip.
 */
export function missingPeers(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const missing = [findPython(env), findRedis(env)].flatMap((found) => ("missing" in found ? [found.missing] : []));
  if (missing.length === 0) return undefined;
  const text = missing.join("; ");
  if (env.CI === "true") throw new Error(`The interop suites cannot run: ${text}`);
  return text;
}
