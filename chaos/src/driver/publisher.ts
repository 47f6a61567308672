import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SystemConfig } from "../system/system-config.js";
import { systemEnvironment } from "../system/system-config.js";

const PROGRAM = fileURLToPath(new URL("../system/publisher-main.js", import.meta.url));

export interface Publisher {
  /** Everything was offered to the broker, or the process is gone. */
  readonly finished: boolean;
  /** An end that nobody asked for. */
  readonly unexpected: readonly string[];
  /** Tells it how many faults have struck: the load waits for them. */
  noteFaults(struck: number): void;
  kill(): void;
}

/** Starts the process that publishes the load. */
export function startPublisher(config: SystemConfig, logDir: string): Publisher {
  const log = openSync(join(logDir, "publisher.log"), "a");
  const started = spawn(process.execPath, [PROGRAM], {
    stdio: ["ignore", log, log, "ipc"],
    env: systemEnvironment(config, "publisher"),
  });
  const unexpected: string[] = [];
  let finished = false;
  started.on("exit", (code, signal) => {
    if (!finished && code !== 0) unexpected.push(`the publisher ended with ${signal ?? `exit code ${code}`}`);
    finished = true;
  });
  return {
    get finished() {
      return finished;
    },
    unexpected,
    noteFaults(struck) {
      if (started.connected) started.send(struck, () => undefined); // one that has just ended needs no news
    },
    kill() {
      finished = true;
      started.kill("SIGKILL");
    },
  };
}
