// @ts-check
import { runCommand } from "../../workspace/run-command.mjs";

/** The reference our interop suites are written against. */
export const CELERY_VERSION = "5.6.3";

const program = "import sys, celery, kombu, redis; print(celery.__version__, '%d.%d.%d' % sys.version_info[:3])";

/**
 * @param {string} python - An interpreter.
 * @returns {Promise<{ celery: string, python: string } | undefined>} Undefined when Celery with Redis cannot be imported.
 */
export async function celeryVersion(python) {
  const result = await runCommand(python, ["-c", program], { quiet: true });
  const [celery, version] = result.output.trim().split("\n").at(-1)?.split(" ") ?? [];
  return result.code === 0 && celery !== undefined && version !== undefined ? { celery, python: version } : undefined;
}
