import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type AppArgument, loadApp } from "../src/app/load-app.js";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const esm = join(fixtures, "esm");
const scratch = mkdtempSync(join(tmpdir(), "celeriac-load-"));

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function messageOf(argument: AppArgument): Promise<string> {
  const error: unknown = await loadApp(argument).catch((reason: unknown) => reason);
  return error instanceof Error ? error.message : `no error: ${String(error)}`;
}

function scratchFile(name: string, text: string): string {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

describe("loadApp finds the app", () => {
  it.each([
    [esm, "app", "fixture"],
    [esm, "./app.js", "fixture"],
    [esm, "two-apps:second", "second"],
    [esm, "two-apps:makeThird", "third"],
    [fixtures, "cjs/app", "typescript-in-cjs"],
    [fixtures, "cjs/indexed", "indexed"],
  ])("in %s: %s", async (workdir, spec, name) => {
    const app = await loadApp({ workdir, spec }); // not closed: a module is loaded once, and others look at it too
    expect(app.name).toBe(name);
  });

  it("without a spec makes one that can send", async () => {
    await using app = await loadApp({ workdir: scratch, overrides: { brokerUrl: "memory://" } });
    await app.send("tasks.elsewhere", [1]);
    expect(await app.broker.queues.length("celery")).toBe(1);
  });

  it("says what it looked for and where", async () => {
    const message = await messageOf({ workdir: esm, spec: "nothing" });
    expect(message).toContain("-A nothing: there is no such module. Looked for:");
    expect(message).toContain(`  ${join(esm, "nothing")}\n`);
    expect(message).toContain('the package "nothing"');
  });

  it("says which exports there are", async () => {
    expect(await messageOf({ workdir: esm, spec: "two-apps" })).toContain("exports several apps: first, second");
    expect(await messageOf({ workdir: esm, spec: "two-apps:secnd" })).toContain("Did you mean second?");
    expect(await messageOf({ workdir: esm, spec: "two-apps:answer" })).toContain("which is no app: number");
    expect(await messageOf({ workdir: esm, spec: "settings" })).toContain(
      "exports no app. Its exports are: broker_url",
    );
  });

  it("keeps the cause when the module itself throws", async () => {
    const failed = loadApp({ workdir: fixtures, spec: "broken/throws" });
    await expect(failed).rejects.toMatchObject({ code: "APP_LOAD_FAILED", cause: { message: "no such database" } });
  });
});

describe("loadApp lays settings over the app's own", () => {
  it("takes the command line before the environment before the file", async () => {
    const config = scratchFile("order.yaml", "broker_url: memory://file\nworker_concurrency: 1\ntask_time_limit: 1\n");
    await using app = await loadApp({
      workdir: esm,
      spec: "two-apps:makeThird",
      config,
      environment: { CELERY_WORKER_CONCURRENCY: "2", BROKER_URL: "memory://environment" },
      overrides: { brokerUrl: "memory://line" },
    });
    const { brokerUrl, workerConcurrency, taskTimeLimit } = app.settings;
    expect({ brokerUrl, workerConcurrency, taskTimeLimit }).toEqual({
      brokerUrl: "memory://line",
      workerConcurrency: 2,
      taskTimeLimit: 1,
    });
  });

  it.each([
    ["config.json", '{ "worker_concurrency": 3 }'],
    ["config.yml", "workerConcurrency: 3"],
    ["config.toml", "worker_concurrency = 3"],
  ])("reads %s", async (name, text) => {
    await using app = await loadApp({ workdir: esm, spec: "two-apps:makeThird", config: scratchFile(name, text) });
    expect(app.settings.workerConcurrency).toBe(3);
  });

  it("reads a module of settings", async () => {
    await using app = await loadApp({ workdir: esm, config: "settings" });
    expect(app.settings).toMatchObject({ workerConcurrency: 7, brokerUrl: "memory://from-module" });
  });

  it("puts the broker of a URL in the place of the app's own", async () => {
    const folder = join(scratch, "queues");
    await using app = await loadApp({
      workdir: esm,
      spec: "own-broker",
      overrides: { brokerUrl: `filesystem://${folder}` },
    });
    expect(app.broker.description.transport).toBe("filesystem");
  });

  it("imports further modules with tasks, into the same app", async () => {
    const app = await loadApp({ workdir: esm, spec: "app", include: ["./more-tasks"] });
    expect([...app.tasks.keys()]).toContain("more.one");
  });

  it("reports everything that is wrong at once, without passwords", async () => {
    const message = await messageOf({
      workdir: esm,
      spec: "nothing",
      config: scratchFile("wrong.json", '{ "worker_concurency": 1, "broker_url": 5 }'),
      environment: { CELERY_TASK_TIME_LIMIT: "soon", BROKER_URL: "redis://u:secret@h" },
      overrides: { resultExpires: "never" },
    });
    expect(message).toContain(
      "worker_concurency (wrong.json): There is no such setting. Did you mean worker_concurrency?",
    );
    expect(message).toContain("broker_url (wrong.json)");
    expect(message).toContain("CELERY_TASK_TIME_LIMIT");
    expect(message).toContain("resultExpires (command line)");
    expect(message).toContain("app: -A nothing: there is no such module");
    expect(message).not.toContain("secret");
  });

  it("reports the app's own wrong settings together with the outer ones", async () => {
    const argument = {
      workdir: fixtures,
      spec: "broken/bad-settings",
      environment: { CELERY_TASK_TIME_LIMIT: "soon" },
    };
    const message = await messageOf(argument);
    expect(message).toMatch(/^The configuration has 3 problems:/);
    expect(message).toContain("Did you mean workerConcurrency?");
  });

  it.each([
    ["redsi://h/0", 'there is no broker for "redsi://". Did you mean redis://?'],
    ["sqs://h", 'there is no broker for "sqs://"'],
    ["file:///tmp/x", 'there is no broker for "file://"'],
    ["user:secret@host/0", "it has no scheme"],
  ])("refuses the broker %s", async (brokerUrl, expected) => {
    const message = await messageOf({ workdir: esm, overrides: { brokerUrl } });
    expect(message).toContain(expected);
    expect(message).not.toContain("secret");
  });

  it.each([
    ["broken.json", '{ "broker_url": "redis://u:secret@h" ', "is not valid JSON"],
    ["broken.yaml", "a: 1\nbroker_url: [secret", "is not valid YAML"],
    ["broken.toml", "a = 1\nsecret", "is not valid TOML (line 2)"],
    ["list.json", "[1]", "must hold settings by name"],
  ])("says where %s is broken, not what it says", async (name, text, expected) => {
    const message = await messageOf({ workdir: esm, config: scratchFile(name, text) });
    expect(message).toContain(expected);
    expect(message).not.toContain("secret");
  });
});
