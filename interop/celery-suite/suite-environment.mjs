// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../tooling/workspace/run-command.mjs";
import { inWorkspace } from "../../tooling/workspace/workspace-root.mjs";
import { SUITE_VERSION } from "./suite-version.mjs";

/**
 * What the suite needs beside Celery. kombu is held below 5.7, whose extra brings redis-py 8: with that some of the
 * suite's own chord tests time out in their blocking reads. setuptools and wheel are for reading the source release.
 */
const REQUIREMENTS = [
  `celery[redis]==${SUITE_VERSION}`,
  "kombu<5.7",
  "sqlalchemy>=2",
  "psycopg[binary]>=3.1",
  "pydantic>=2",
  "pytest>=8",
  "pytest-subtests",
  "setuptools<81",
  "wheel",
];

/**
 * @typedef {object} SuiteEnvironment
 * @property {string} python - An interpreter with Celery and pytest.
 * @property {string} source - The unpacked source release; `t/integration` is in it.
 */

/**
 * Makes the environment of the suite in `.services/celery-suite`, once per version.
 * @param {string} basePython - The interpreter to copy.
 * @param {(line: string) => void} announce
 * @returns {Promise<SuiteEnvironment>}
 * @throws Error naming the step that failed.
 */
export async function suiteEnvironment(basePython, announce) {
  const folder = inWorkspace(".services", "celery-suite", SUITE_VERSION);
  const python = join(folder, "venv", "bin", "python");
  const source = join(folder, `celery-${SUITE_VERSION}`);
  const ready = join(folder, "ready");
  const recipe = REQUIREMENTS.join("\n");
  if (existsSync(ready) && readFileSync(ready, "utf8") === recipe) return { python, source };

  announce(`Fetching the source release of Celery ${SUITE_VERSION} for its integration suite into ${folder}`);
  mkdirSync(folder, { recursive: true });
  const pip = ["-m", "pip", "--disable-pip-version-check", "--quiet", "--retries", "2", "--timeout", "30"];
  await must("make a virtual environment", basePython, ["-m", "venv", join(folder, "venv")]);
  await must("install what the suite needs", python, [...pip, "install", ...REQUIREMENTS]);
  // Without isolation: pip then reads the release with the setuptools installed above instead of fetching more.
  const release = ["download", "--no-deps", "--no-binary", "celery", "--no-build-isolation", "-d", folder];
  await must("download the source release", python, [...pip, ...release, `celery==${SUITE_VERSION}`]);
  await must("unpack the source release", "tar", ["-xzf", `${source}.tar.gz`, "-C", folder]);
  writeFileSync(ready, recipe);
  return { python, source };
}

/**
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 */
async function must(what, command, args) {
  const { code, output } = await runCommand(command, args, { quiet: true });
  if (code !== 0) throw new Error(`could not ${what}: ${output.trim().split("\n").at(-1) ?? `exit code ${code}`}`);
}
