// @ts-check
import { spawn } from "node:child_process";
import { workspaceRoot } from "./workspace-root.mjs";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] - Default: the root of the workspace.
 * @property {NodeJS.ProcessEnv} [env] - Added to this process's environment.
 * @property {boolean} [quiet] - Collect the output instead of showing it. Default: false.
 * @property {boolean} [foreground] - The command is what the user sees: it decides what Ctrl-C means, we outlive it
 *   and pass SIGTERM on to it. Default: false.
 *
 * @typedef {object} RunResult
 * @property {number} code - Exit code; 127 when the command could not be started, 128 when a signal ended it.
 * @property {string} output - Standard output and error together; empty unless `quiet`.
 * @property {number} tookMs
 */

/**
 * Runs a command to its end. Never throws: a command that is not there is a result with code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function runCommand(command, args, options = {}) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? workspaceRoot,
      env: { ...process.env, ...options.env },
      stdio: options.quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    let output = "";
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString("utf8");
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    const release = options.foreground ? handSignalsTo(child) : () => undefined;
    const finish = (/** @type {number} */ code) => {
      release();
      resolve({ code, output, tookMs: performance.now() - startedAt });
    };
    child.once("error", (error) => {
      output += `${error.message}\n`;
      finish(127);
    });
    child.once("close", (code) => finish(code ?? 128));
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {() => void} Ends the arrangement.
 */
function handSignalsTo(child) {
  // The terminal sends SIGINT to the child as well; passing ours on would make one Ctrl-C count twice.
  const ignore = () => undefined;
  const pass = () => child.kill("SIGTERM");
  process.on("SIGINT", ignore).on("SIGTERM", pass);
  return () => process.off("SIGINT", ignore).off("SIGTERM", pass);
}
