// @ts-check
/**
 * `pnpm check:pack`: installs packed tarballs with npm into empty projects. With core and canvas alone it composes a workflow
 * and prints its messages; with core and the Redis broker it sends one task, and looks into Redis over a bare socket to see
 * that it arrived; the same with RabbitMQ, through its management interface. Build the packages first.
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
import { createRabbitHost } from "./rabbit-host.mjs";

const sending = ["@celeriac/core", "@celeriac/redis-connection", "@celeriac/broker-redis"];
const sendingToRabbit = ["@celeriac/core", "@celeriac/amqp-connection", "@celeriac/broker-amqp"];
const composing = ["@celeriac/core", "@celeriac/canvas"];
const queue = "celery";
const task = "pack.hello";

/** @param {string} scratch - An empty folder. */
async function main(scratch) {
  const composer = await install(scratch, "composer", composing);
  await compose(composer);
  const sender = await install(scratch, "sender", sending);
  const rabbitSender = await install(scratch, "rabbit-sender", sendingToRabbit);
  const services = await startServices({ names: ["redis", "rabbitmq"] });
  try {
    const { CELERIAC_REDIS_URL: url, CELERIAC_AMQP_URL: amqpUrl, CELERIAC_AMQP_API: api } = services.env;
    const missing = services.found.flatMap((found) => found.missing ?? []).join("; ");
    if (url === undefined) throw new Error(`Redis is missing: ${missing}`);
    await sendOne(sender, url);
    if (amqpUrl !== undefined && api !== undefined) await sendOneToRabbit(rabbitSender, amqpUrl, api);
    else if (process.env.CI === "true")
      throw new Error(`RabbitMQ, or its management interface, is missing: ${missing}`);
    else console.log(`Not sent to RabbitMQ, which is missing, or its management interface is. ${missing}`);
  } finally {
    await services.stop();
  }
}

/**
 * An empty project with some of our packages, and with what npm adds to them.
 * @param {string} scratch
 * @param {string} name
 * @param {readonly string[]} names - Packages to pack and install.
 */
async function install(scratch, name, names) {
  const packages = listWorkspacePackages(workspaceRoot).filter((item) => names.includes(item.name));
  const tarballs = await packPackages(packages, join(scratch, `${name}-tarballs`));
  const project = join(scratch, name);
  await createProject(project, tarballs);
  const installed = installedPackages(project);
  console.log(`${name}: npm installed ${installed.length} packages:`);
  for (const item of installed) console.log(`  ${item}`);
  return project;
}

/**
 * Runs a program that a user might write in a project.
 * @param {string} project
 * @param {string} program - A file beside this one.
 * @param {Record<string, string>} [env]
 * @returns {Promise<string>} What it printed.
 */
async function runIn(project, program, env = {}) {
  copyFileSync(fileURLToPath(new URL(program, import.meta.url)), join(project, program));
  const run = await runCommand(process.execPath, [program], { cwd: project, env, quiet: true });
  if (run.code !== 0) throw new Error(`${program} ended with code ${run.code}:\n${run.output}`);
  return run.output;
}

/** @param {string} project */
async function compose(project) {
  const lines = (await runIn(project, "compose.mjs")).trim().split("\n");
  const messages = lines.filter((line) => line.startsWith("publish "));
  if (messages.length !== 2 || !lines.some((line) => line.includes("2 results"))) {
    throw new Error(`compose.mjs did not plan a chord of two:\n${lines.join("\n")}`);
  }
  console.log("A workflow composed without a transport, and what is to be done for it:");
  for (const line of lines) console.log(`  ${line}`);
}

/**
 * @param {string} project
 * @param {string} url
 */
async function sendOne(project, url) {
  const before = await queueLength(url);
  await runIn(project, "send-one.mjs", { CELERIAC_REDIS_URL: url });
  const grown = (await queueLength(url)) - before;
  if (grown !== 1) throw new Error(`The list "${queue}" grew by ${grown} messages instead of one.`);
  const [message = ""] = await askRedis(url, [["LINDEX", queue, "0"]]);
  if (!message.includes(`"${task}"`)) throw new Error(`The newest message does not name ${task}: ${message}`);
  await askRedis(url, [["LREM", queue, "1", message]]);
  console.log(
    `One task sent: the list "${queue}" grew by one message that names ${task} (${message.length} characters).`,
  );
}

/**
 * @param {string} project
 * @param {string} url
 * @param {string} api
 */
async function sendOneToRabbit(project, url, api) {
  const host = await createRabbitHost(url, api);
  try {
    await runIn(project, "send-one-amqp.mjs", { CELERIAC_AMQP_URL: host.url });
    const messages = await host.take(queue);
    const [message] = messages;
    if (messages.length !== 1)
      throw new Error(`The queue "${queue}" holds ${messages.length} messages instead of one.`);
    const named = message?.properties.headers?.task;
    if (named !== task) throw new Error(`The message does not name ${task} but ${JSON.stringify(named)}.`);
    console.log(
      `One task sent to RabbitMQ: the queue "${queue}" held one message that names ${task}: ${message?.payload}`,
    );
  } finally {
    await host.remove();
  }
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
