import { findPython } from "./peer/find-python.js";
import { findRabbit } from "./stage/rabbit-stage.js";
import { findRedis } from "./stage/redis-stage.js";
import type { TransportKind } from "./stage/transport.js";
import { RABBIT_KINDS } from "./stage/transport.js";

/**
 * What is missing to run suites on a transport here, `undefined` when nothing is.
 * @throws Error on CI, where a missing peer is a failure and not a reason to skip.
 */
export function missingPeers(
  transport: TransportKind = "redis",
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const needed = [findPython(env), findRedis(env), ...(RABBIT_KINDS.includes(transport) ? [findRabbit(env)] : [])];
  const missing = needed.flatMap((found) => ("missing" in found ? [found.missing] : []));
  if (missing.length === 0) return undefined;
  const text = missing.join("; ");
  if (env.CI === "true") throw new Error(`The interop suites cannot run: ${text}`);
  return text;
}
