// @ts-check
import { readFileSync } from "node:fs";
import { inWorkspace } from "../workspace/workspace-root.mjs";
import { pnpm } from "./pnpm.mjs";

/** @returns {boolean} True when node_modules holds exactly what pnpm-lock.yaml says. */
export function isWorkspaceInstalled() {
  try {
    // pnpm leaves a copy of the lockfile it installed from.
    const installed = readFileSync(inWorkspace("node_modules", ".pnpm", "lock.yaml"), "utf8");
    return installed === readFileSync(inWorkspace("pnpm-lock.yaml"), "utf8");
  } catch {
    return false;
  }
}

/**
 * Installs the dependencies as the lockfile has them, never changing it.
 * @param {import("../workspace/run-command.mjs").RunOptions} [options]
 */
export function installWorkspace(options = {}) {
  // Without the second flag pnpm asks before it replaces a node_modules made by another tool, and waits forever.
  return pnpm(["install", "--frozen-lockfile", "--config.confirmModulesPurge=false"], options);
}
