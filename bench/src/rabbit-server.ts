import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A RabbitMQ node of our own: nobody else's traffic is measured. */
export interface RabbitServer extends AsyncDisposable {
  readonly url: string;
  /** As the services tool describes it: version and address. */
  readonly detail: string;
}

const TOOL = fileURLToPath(new URL("../../tooling/services/services.mjs", import.meta.url));

/** Starts it with the workspace's services tool. @throws Error when there is none. */
export async function startRabbit(): Promise<RabbitServer> {
  const folder = await mkdtemp(join(tmpdir(), "celeriac-bench-rabbit-"));
  const services = (verb: string): Promise<unknown> =>
    promisify(execFile)(process.execPath, [TOOL, verb, "rabbitmq"], {
      env: { ...process.env, CELERIAC_SERVICES_FOLDER: folder, CELERIAC_AMQP_URL: "" },
    });
  const stop = async (): Promise<void> => {
    await services("down");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await services("up");
    const state = await readFile(join(folder, "state.json"), "utf8");
    const { detail, env } = JSON.parse(state).provisions.rabbitmq;
    return { url: env.CELERIAC_AMQP_URL, detail, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error("No RabbitMQ to measure against: put rabbitmq-server on PATH.", { cause: error });
  }
}
