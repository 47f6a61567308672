/**
 * A RabbitMQ of our own for these tests, started and ended by the workspace's services tool in a folder that goes
 * afterwards.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { LISTEN_FOR_EXPRESSIONS } from "./rabbit-shell.js";

/** The server of the tests, or why there is none. */
export type RabbitPlace =
  | {
      readonly url: string;
      readonly api: string;
      /** Port of `rabbit-shell.ts`. */
      readonly shell: number;
      readonly pid: number;
      readonly missing?: undefined;
    }
  | { readonly missing: string };

declare module "vitest" {
  export interface ProvidedContext {
    rabbit: RabbitPlace;
  }
}

const TOOL = fileURLToPath(new URL("../../../tooling/services/services.mjs", import.meta.url));

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "celeriac-rabbit-"));
  const services = (verb: string): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [TOOL, verb, "rabbitmq"], {
      env: { ...process.env, CELERIAC_SERVICES_FOLDER: folder, CELERIAC_AMQP_URL: "", CELERIAC_NO_INSTALL: "1" },
    });
  const place = await start(() => services("up"), join(folder, "state.json"));
  if (place.missing !== undefined) {
    if (process.env.CI === "true") throw new Error(place.missing);
    console.warn(`Skipped: ${place.missing}`);
  }
  project.provide("rabbit", place);
  return async () => {
    if (place.missing === undefined) await services("down");
    rmSync(folder, { recursive: true, force: true });
  };
}

async function start(up: () => Promise<unknown>, stateFile: string): Promise<RabbitPlace> {
  try {
    await up();
  } catch (error) {
    const said =
      typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout) : String(error);
    return { missing: `no RabbitMQ can be started: ${said.trim().split("\n").at(-1)}` };
  }
  const { env, pid } = JSON.parse(readFileSync(stateFile, "utf8")).provisions.rabbitmq;
  if (env.CELERIAC_AMQP_CTL === undefined) return { missing: "RabbitMQ runs where rabbitmqctl cannot reach it" };
  const { stdout } = await promisify(execFile)(env.CELERIAC_AMQP_CTL, ["--quiet", "eval", LISTEN_FOR_EXPRESSIONS]);
  return { url: env.CELERIAC_AMQP_URL, api: env.CELERIAC_AMQP_API, shell: Number(stdout), pid };
}
