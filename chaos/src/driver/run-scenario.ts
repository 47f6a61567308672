/**
 * One fault run: servers and processes up, faults while the load is worked off, rest, judgement.
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../ledger/ledger.js";
import { FaultProxy } from "../proxy/fault-proxy.js";
import { seededRandom } from "../seeded-random.js";
import type { SystemConfig } from "../system/system-config.js";
import { tapChords } from "./chord-tap.js";
import { ConsumerTimeouts } from "./consumer-timeouts.js";
import { FaultDriver } from "./fault-driver.js";
import type { Judgement } from "./judge.js";
import { judge } from "./judge.js";
import { startPublisher } from "./publisher.js";
import { startRabbit } from "./rabbit-server.js";
import type { OwnRedis } from "./redis-server.js";
import { startRedis } from "./redis-server.js";
import type { RestOptions, RestOutcome } from "./rest.js";
import { awaitEmpty, awaitQuiet } from "./rest.js";
import type { RunOptions } from "./run-options.js";
import type { Scenario } from "./scenario.js";
import { WorkerSlot } from "./worker-slot.js";

export interface ScenarioRun {
  readonly scenario: Scenario;
  readonly outcome: RestOutcome;
  readonly judgement: Judgement;
  /** Worker processes that ended though nobody killed them. */
  readonly unexpected: readonly string[];
  /** Workers that had to be killed at the end. */
  readonly hung: number;
  readonly lives: number;
  readonly dir: string;
}

const QUEUE = "chaos";
const STALL_MS = 60_000;
const STOP_MS = 20_000;
const SLOW_MS = 1000;
/** What RabbitMQ says of its queues may be seconds old. */
const RABBIT_QUIET_MS = 6000;

/** @throws Error when a server does not start. */
export async function runScenario(scenario: Scenario, asked: RunOptions): Promise<ScenarioRun> {
  const options = withOwn(asked, scenario);
  const dir = join(options.dir, scenario.name);
  mkdirSync(dir, { recursive: true });
  await using redis = await startRedis(options.redisBinary, dir);
  const cuts = scenario.faults.some((fault) => fault.kind === "cut");
  await using proxy = cuts ? await FaultProxy.listen({ host: redis.host, port: redis.port }) : undefined;
  await using rabbit = scenario.broker === "amqp" ? await startRabbit(dir) : undefined;
  if (scenario.consumerTimeoutMs !== undefined) {
    await rabbit?.control("eval", `application:set_env(rabbit, consumer_timeout, ${scenario.consumerTimeoutMs}).`);
  }
  const config = { ...configOf(scenario, options, dir, redis, proxy), ...(rabbit && { amqpUrl: rabbit.url }) };
  const ledger = openLedger({ dir: config.ledgerDir, run: config.run, boot: "driver" });
  using tap = scenario.load === "chords" ? await tapChords(config, redis, ledger) : undefined;
  const workers = Array.from({ length: options.workers }, (_, index) => new WorkerSlot(`w${index}`, config, dir));
  const publisher = startPublisher(config, dir);
  const rest: RestOptions = {
    redis: redis.client,
    queue: QUEUE,
    published: () => publisher.finished,
    ...(rabbit === undefined ? {} : { state: () => rabbit.state() }),
    ...(tap === undefined ? {} : { nothingComes: () => tap.isIdle() }),
    alive: () => workers.some((worker) => worker.isWorking),
    stallMs: STALL_MS,
    limitMs: options.minutes * 60_000,
  };
  using timeouts =
    rabbit === undefined || scenario.consumerTimeoutMs === undefined ? undefined : new ConsumerTimeouts(rabbit);
  const driver = new FaultDriver({
    ledger,
    workers,
    proxy,
    rabbit,
    maxFaults: options.maxFaults,
    onFault: publisher.noteFaults,
  });
  const stop = new AbortController();
  const faults = scenario.faults.map(({ kind, everyMs }, index) =>
    driver.run({ kind, everyMs, random: seededRandom(options.seed + index) }, stop.signal),
  );
  let outcome: RestOutcome;
  let hung: number;
  try {
    outcome = await awaitEmpty(rest);
    stop.abort();
    await Promise.all(faults);
    // Early ack: what runs is no longer at the broker, and may still send a retry.
    if (outcome === "empty") outcome = await awaitQuiet(rest, rabbit === undefined ? 2 * SLOW_MS : RABBIT_QUIET_MS);
    timeouts?.record(ledger, driver.faults);
  } finally {
    stop.abort();
    publisher.kill();
    hung = (await Promise.all(workers.map((worker) => worker.stop(STOP_MS)))).filter((ended) => !ended).length;
    ledger.close();
  }
  return {
    scenario,
    outcome,
    judgement: await judge({ config, redis, rabbit, dir, minFaults: options.minFaults }),
    unexpected: [...workers.flatMap((worker) => worker.unexpected), ...publisher.unexpected],
    hung,
    lives: workers.reduce((sum, worker) => sum + worker.lives, 0),
    dir,
  };
}

/** What a scenario says of its load wins, except that fewer tasks may be asked for. */
function withOwn(options: RunOptions, { run = {} }: Scenario): RunOptions {
  return { ...options, ...run, tasks: Math.min(options.tasks, run.tasks ?? options.tasks) };
}

function configOf(
  scenario: Scenario,
  options: RunOptions,
  dir: string,
  redis: OwnRedis,
  proxy: FaultProxy | undefined,
): SystemConfig {
  return {
    run: `${scenario.name}${options.seed}`,
    ledgerDir: join(dir, "ledger"),
    redisUrl: `redis://${redis.host}:${proxy?.port ?? redis.port}/0`,
    queue: QUEUE,
    acksLate: scenario.acksLate,
    slots: options.slots,
    visibilityTimeout: options.visibilityTimeout,
    restoreIntervalMs: 1000,
    slowMs: scenario.slowMs ?? SLOW_MS,
    plantEvery: options.plantEvery,
    load: scenario.load ?? "tasks",
    tasks: scenario.load === "chords" ? options.chords : options.tasks,
    headers: options.headers,
    ...(scenario.resultExpires === undefined ? {} : { resultExpires: scenario.resultExpires }),
    // Where the load itself is the fault, nobody could say when the next part is due.
    awaitedFaults: scenario.faults.length === 0 ? 0 : Math.min(options.minFaults, options.maxFaults),
    seed: options.seed,
    rate: options.rate,
  };
}
