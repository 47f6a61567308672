// @ts-check
/**
 * `pnpm check:pack`: packs core and the Redis broker, installs the tarballs with npm into an empty project, sends one
 * task with them, and looks into Redis over a bare socket to see that it arrived. Build the packages first.
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askRedis } from "../services/redis/resp.mjs";
import { startServices } from "../services/start-services.mjs";
import { runCommand } from "../workspace/run-command.mjs";
import { listWorkspacePackages } from "../workspace/workspace-packages.mjs";
import { workspaceRoot } from "../workspace/workspace-root.mjs";
import { createProject, installedPackages } from "./empty-project.mjs";
import { packPackages } from "./pack-packages.mjs";

const published = ["@celeriac/core", "@celeriac/redis-connection", "@celeriac/broker-redis"];
const program = fileURLToPath(new URL("send-one.mjs", import.meta.url));
const queue = "celery";
const task = "pack.hello";

/** @param {string} scratch - An empty folder. */
async function main(scratch) {
  const packages = listWorkspacePackages(workspaceRoot).filter(({ name }) => published.includes(name));
  const tarballs = await packPackages(packages, join(scratch, "tarballs"));
  const project = join(scratch, "project");
  await createProject(project, tarballs);
  const installed = installedPackages(project);
  console.log(`npm installed ${installed.length} packages:`);
  for (const name of installed) console.log(`  ${name}`);

  copyFileSync(program, join(project, "send-one.mjs"));
  const services = await startServices({ names: ["redis"] });
  try {
    const url = services.env.CELERIAC_REDIS_URL;
    if (url === undefined) throw new Error(`Redis is missing: ${services.found[0]?.missing}`);
    await sendOne(project, url);
  } finally {
    await services.stop();
  }
}

/**
 * @param {string} project
 * @param {string} url
 */
async function sendOne(project, url) {
  const before = await queueLength(url);
  const run = await runCommand(process.execPath, ["send-one.mjs"], {
    cwd: project,
    env: { CELERIAC_REDIS_URL: url },
    quiet: true,
  });
  if (run.code !== 0) throw new Error(`send-one.mjs ended with code ${run.code}:\n${run.output}`);
  const grown = (await queueLength(url)) - before;
  if (grown !== 1) throw new Error(`The list "${queue}" grew by ${grown} messages instead of one.`);
  const [message = ""] = await askRedis(url, [["LINDEX", queue, "0"]]);
  if (!message.includes(`"${task}"`)) throw new Error(`The newest message does not name ${task}: ${message}`);
  await askRedis(url, [["LREM", queue, "1", message]]);
  console.log(
    `One task sent: the list "${queue}" grew by one message that names ${task} (${message.length} characters).`,
  );
}

/** @param {string} url */
async function queueLength(url) {
  const [length = "0"] = await askRedis(url, [["LLEN", queue]]);
  return Number(length);
}

const scratch = mkdtempSync(join(tmpdir(), "celeriac-pack-"));
try {
  await main(scratch);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
