/**
 * The auditor: `node dist/auditor/main.js --ledger <folder> --mode late|early --redis <host:port> --queue <name>
 * [--rabbit <rabbitmqctl>] [--json <file>] [--min-faults <n>] [--max-recovery <seconds>] [--chords] [--results-expire]`. Exit code 0: all verdicts hold, 1: one does not, 2: it could not judge.
 * @module
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { audit } from "./audit.js";
import { readBrokerState, readResults } from "./broker-state.js";
import { readChordStore } from "./chords/chord-store.js";
import type { LedgerEntry } from "./ledger-entry.js";
import { readLedgers } from "./ledger-entry.js";
import { readRabbitState } from "./rabbit-state.js";
import { renderAudit } from "./report.js";
import { RespClient } from "./resp-client.js";

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`The auditor could not judge: ${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ledger: { type: "string" },
      mode: { type: "string" },
      redis: { type: "string" },
      queue: { type: "string" },
      rabbit: { type: "string" },
      json: { type: "string" },
      "min-faults": { type: "string", default: "1" },
      "max-recovery": { type: "string", default: "Infinity" },
      chords: { type: "boolean", default: false },
      "results-expire": { type: "boolean", default: false },
    },
  });
  const { ledger: dir, mode, redis: address = "", queue = "celery", json } = values;
  const [host, port] = address.split(":");
  if (dir === undefined || (mode !== "late" && mode !== "early") || !host || !port) {
    throw new Error("give --ledger <folder> --mode late|early --redis <host:port> [--queue <name>] [--json <file>]");
  }
  const ledger = readLedgers(dir);
  using redis = await RespClient.open({ host, port: Number(port) });
  const ids = [...new Set(ledger.entries.filter((entry) => entry.kind === "P").map((entry) => entry.id))];
  const judgement = audit({
    ledger,
    mode,
    broker: await (values.rabbit === undefined ? readBrokerState(redis, queue) : readRabbitState(values.rabbit, queue)),
    results: await readResults(redis, ids),
    minFaults: Number(values["min-faults"]),
    maxRecoveryMs: Number(values["max-recovery"]) * 1000,
    resultsExpire: values["results-expire"],
    ...(values.chords ? { chords: await readChordStore(redis, bodyIds(ledger.entries)) } : {}),
  });
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(judgement, undefined, 2)}\n`);
  process.stdout.write(`${renderAudit(judgement)}\n`);
  return judgement.ok ? 0 : 1;
}

/** Of all chords that were offered. */
function bodyIds(entries: readonly LedgerEntry[]): readonly string[] {
  return entries.flatMap(({ kind, extra }) => (kind === "W" && typeof extra.body === "string" ? [extra.body] : []));
}
