import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Audit } from "../auditor/audit.js";
import type { SystemConfig } from "../system/system-config.js";
import type { OwnRabbit } from "./rabbit-server.js";
import type { OwnRedis } from "./redis-server.js";

const PROGRAM = fileURLToPath(new URL("../auditor/main.js", import.meta.url));

export interface Judgement {
  /** 0: all verdicts hold, 1: one does not. */
  readonly exitCode: number;
  /** The table the auditor printed. */
  readonly table: string;
  readonly audit: Audit;
}

export interface JudgeOptions {
  readonly config: SystemConfig;
  readonly redis: OwnRedis;
  readonly rabbit: OwnRabbit | undefined;
  readonly dir: string;
  readonly minFaults: number;
}

/** Booting workers, a busy machine, and a sweep that has just passed. */
const RECOVERY_SLACK_S = 30;

/** Has the auditor, a program of its own, judge the run. @throws Error when it could not. */
export async function judge({ config, redis, rabbit, dir, minFaults }: JudgeOptions): Promise<Judgement> {
  const json = join(dir, "audit.json");
  const words = ["--ledger", config.ledgerDir, "--mode", config.acksLate ? "late" : "early", "--json", json];
  const place = [
    "--redis",
    `${redis.host}:${redis.port}`,
    "--queue",
    config.queue,
    ...(rabbit === undefined ? [] : ["--rabbit", rabbit.ctl]),
  ];
  const maxRecovery = config.visibilityTimeout + config.restoreIntervalMs / 1000 + RECOVERY_SLACK_S;
  const limits = ["--min-faults", String(minFaults), "--max-recovery", String(maxRecovery)];
  const load = config.load === "chords" ? ["--chords"] : [];
  const expiry = config.resultExpires === undefined ? [] : ["--results-expire"];
  const auditor = spawn(process.execPath, [PROGRAM, ...words, ...place, ...limits, ...load, ...expiry], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let table = "";
  auditor.stdout.on("data", (chunk) => {
    table += String(chunk);
  });
  const [exitCode] = await once(auditor, "close");
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`The auditor ended with exit code ${exitCode}.`);
  const audit = JSON.parse(readFileSync(json, "utf8")) as Audit; // written by the auditor just now
  return { exitCode, table: table.trimEnd(), audit };
}
