// @ts-check
import { runCommand } from "../workspace/run-command.mjs";
import { lookUpService, stopService } from "./find-service.mjs";
import { services } from "./service-table.mjs";
import { withServicesLock } from "./services-lock.mjs";
import { selectServices, serviceEnvironment, startServices } from "./start-services.mjs";
import { statusTable } from "./status-table.mjs";

const usage = `Servers for the test suites: ${services.map(({ title }) => title).join(", ")}.

  pnpm services up [name...]              find or start them, and leave them running
  pnpm services down [name...]            stop what "up" started
  pnpm services status                    what runs, and where
  pnpm services env                       shell lines: eval "$(pnpm --silent services env)"
  pnpm services with [name...] -- <cmd>   run a command with the services, stop them after it

Each is looked for in this order: its variable in the environment; a program on PATH; docker compose; Debian packages
when you are root. CELERIAC_NO_INSTALL=1 forbids the last. The variables: ${services.map(({ variable }) => variable).join(", ")}.
`;

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const verbs = { up, down, status, env, with: withServices };

/** @param {string[]} names */
async function up(names) {
  const { found } = await startServices({ names });
  console.log(statusTable(found));
  return found.every(({ provision }) => provision !== undefined) ? 0 : 1;
}

/** @param {string[]} names */
async function down(names) {
  await withServicesLock(async () => {
    for (const service of selectServices(names)) {
      const stopped = await stopService(service);
      console.log(`${service.title}: ${stopped ? "stopped" : "nothing to stop"}`);
    }
  });
  return 0;
}

/** @param {string[]} names */
async function status(names) {
  console.log(statusTable(await Promise.all(selectServices(names).map(lookUpService))));
  return 0;
}

/** @param {string[]} names */
async function env(names) {
  const found = await Promise.all(selectServices(names).map(lookUpService));
  for (const [name, value] of Object.entries(serviceEnvironment(found))) {
    console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  }
  for (const { service, missing } of found) if (missing !== undefined) console.error(`# ${service.title}: ${missing}`);
  return 0;
}

/** @param {string[]} args */
async function withServices(args) {
  const split = args.indexOf("--");
  const [command, ...rest] = split === -1 ? [] : args.slice(split + 1);
  if (command === undefined) {
    console.error(usage);
    return 2;
  }
  const started = await startServices({ names: args.slice(0, split) });
  for (const { service, missing } of started.found) {
    if (missing !== undefined) console.error(`${service.title} is missing: ${missing}`);
  }
  try {
    return (await runCommand(command, rest, { cwd: process.cwd(), env: started.env, foreground: true })).code;
  } finally {
    await started.stop();
  }
}

const [verb = "", ...args] = process.argv.slice(2);
const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
if (run === undefined) {
  console.error(usage);
  process.exitCode = verb === "" || verb === "help" || verb === "--help" ? 0 : 2;
} else {
  process.exitCode = await run(args).catch((error) => {
    console.error(error.message);
    return 1;
  });
}
