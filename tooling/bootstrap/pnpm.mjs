// @ts-check
import { runCommand } from "../workspace/run-command.mjs";

/** The pinned version; newer majors need Node 22. */
const PNPM = "pnpm@10.34.8";

/**
 * Runs pnpm through npx, which comes with Node: nothing has to be installed by hand, and corepack is not involved.
 * @param {readonly string[]} args
 * @param {import("../workspace/run-command.mjs").RunOptions} [options]
 */
export function pnpm(args, options = {}) {
  // npm and pnpm would advertise versions that are not the pinned one.
  const env = { npm_config_update_notifier: "false", NO_UPDATE_NOTIFIER: "1", ...options.env };
  return runCommand("npx", ["--yes", PNPM, ...args], { ...options, env });
}

/**
 * Runs turbo. It needs pnpm on PATH to run a package's scripts, and `npx` puts it there.
 * @param {readonly string[]} args
 * @param {import("../workspace/run-command.mjs").RunOptions} [options]
 */
export function turbo(args, options = {}) {
  const env = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", ...options.env };
  return pnpm(["exec", "turbo", "run", ...args], { ...options, env });
}
