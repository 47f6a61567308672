// @ts-check
import { fileURLToPath } from "node:url";
import { findBinary } from "../workspace/find-binary.mjs";
import { runCommand } from "../workspace/run-command.mjs";

const composeFile = fileURLToPath(new URL("compose.yaml", import.meta.url));
const base = ["compose", "--project-name", "celeriac-services", "--file", composeFile];

/**
 * Starts one entry of compose.yaml and waits until its health check passes.
 * @param {string} entry
 * @param {Record<string, string>} env - Variables that compose.yaml reads, such as the port.
 * @returns {Promise<string | undefined>} Undefined when it runs, else the reason why not.
 */
export async function composeUp(entry, env) {
  if (findBinary("docker") === undefined) return "docker is not on PATH";
  const daemon = await runCommand("docker", ["info", "--format", "{{.ServerVersion}}"], { quiet: true });
  if (daemon.code !== 0) return "no docker daemon answers";
  const result = await runCommand("docker", [...base, "up", "--detach", "--wait", entry], { quiet: true, env });
  return result.code === 0
    ? undefined
    : `docker compose up ${entry} failed: ${result.output.trim().split("\n").at(-1)}`;
}

/**
 * @param {string} entry
 * @param {Record<string, string>} env - As given to {@link composeUp}.
 */
export async function composeDown(entry, env) {
  await runCommand("docker", [...base, "rm", "--stop", "--force", entry], { quiet: true, env });
}
