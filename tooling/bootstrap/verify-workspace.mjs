// @ts-check
import { startServices } from "../services/start-services.mjs";
import { statusTable } from "../services/status-table.mjs";
import { runCommand } from "../workspace/run-command.mjs";
import { listWorkspacePackages } from "../workspace/workspace-packages.mjs";
import { inWorkspace, workspaceRoot } from "../workspace/workspace-root.mjs";
import { installWorkspace, isWorkspaceInstalled } from "./install-workspace.mjs";
import { hasInteropSuite, runInteropSuite } from "./interop-suite.mjs";
import { hasTests, runPackageSuite } from "./package-suites.mjs";
import { turbo } from "./pnpm.mjs";
import { Steps } from "./steps.mjs";
import { Tally } from "./tally.mjs";
import { runToolingSuite } from "./tooling-suite.mjs";

/** @typedef {import("../services/start-services.mjs").StartedServices} StartedServices */

/**
 * Everything that must be green: install, services, build, types, lint, package graph, all suites. A step that fails
 * does not hide the ones after it, except the install, without which nothing can run.
 * @returns {Promise<number>} Exit code. The last line printed is `N passed, N failed`, with `, N skipped` if any.
 */
export async function verifyWorkspace() {
  const tally = new Tally();
  const steps = new Steps();
  if (await steps.run("Install", () => install(tally))) {
    const services = await steps.run("Services", () => findServices(tally));
    const release = stopOnSignal(services);
    try {
      await checkSources(tally, steps);
      await runSuites(tally, steps, services.env);
    } finally {
      await services.stop();
      release();
    }
  }
  console.log(`\n${steps.table()}\n\n${tally.summary()}`);
  return tally.isGreen ? 0 : 1;
}

/** @param {Tally} tally */
async function install(tally) {
  if (isWorkspaceInstalled()) {
    console.log("node_modules is as the lockfile says");
    return true;
  }
  const { code } = await installWorkspace();
  if (code !== 0) tally.fail(`Install: pnpm ended with code ${code}`);
  return code === 0;
}

/**
 * @param {Tally} tally
 * @returns {Promise<StartedServices>}
 */
async function findServices(tally) {
  const started = await startServices({ announce: (line) => console.log(line) });
  console.log(statusTable(started.found));
  for (const { service, missing } of started.found) {
    if (missing === undefined) continue;
    const what = `${service.title} is missing, so the tests that need it are skipped: ${missing}`;
    if (process.env.CI === "true") tally.fail(what);
    else tally.note(what);
  }
  return started;
}

/**
 * @param {Tally} tally
 * @param {Steps} steps
 */
async function checkSources(tally, steps) {
  /** @type {(title: string, check: () => Promise<{ code: number }>) => Promise<void>} */
  const check = async (title, body) => {
    const { code } = await steps.run(title, body);
    if (code !== 0) tally.fail(`${title}: exit code ${code}`);
  };
  const tsc = inWorkspace("node_modules", ".bin", "tsc");
  await check("Build", () => turbo(["build", "--continue", "--output-logs=errors-only"]));
  await check("Type-check tests", () => turbo(["typecheck", "--continue", "--output-logs=errors-only"]));
  await check("Type-check tooling", () => runCommand(tsc, ["-p", inWorkspace("tooling", "tsconfig.json")]));
  await check("Lint", () => runCommand(inWorkspace("node_modules", ".bin", "biome"), ["check", "."]));
  await check("Package graph", () =>
    runCommand(process.execPath, [inWorkspace("tooling", "check-graph", "check-graph.mjs")]),
  );
}

/**
 * @param {Tally} tally
 * @param {Steps} steps
 * @param {Record<string, string>} env
 */
async function runSuites(tally, steps, env) {
  tally.add("tooling", await steps.run("Tests of the tooling", runToolingSuite));
  for (const member of listWorkspacePackages(workspaceRoot)) {
    if (member.name === "@celeriac/interop" && hasInteropSuite()) continue; // its program runs its tests, below
    if (hasTests(member)) {
      tally.add(member.name, await steps.run(`Tests of ${member.name}`, () => runPackageSuite(member, env)));
    } else {
      tally.note(`${member.name}: no tests`);
    }
  }
  if (hasInteropSuite()) tally.add("interop", await steps.run("Interop with Python", () => runInteropSuite(env)));
  else tally.note("interop: interop/run.mjs is not there");
}

/**
 * @param {StartedServices} services
 * @returns {() => void} Call it once the services are stopped.
 */
function stopOnSignal(services) {
  const stop = () => {
    services.stop().finally(() => process.exit(130));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return () => process.off("SIGINT", stop).off("SIGTERM", stop);
}
