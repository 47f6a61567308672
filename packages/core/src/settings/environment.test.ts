import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.js";
import { settingsFromEnvironment } from "./environment.js";

function keysOf(env: Record<string, string>): readonly string[] {
  try {
    settingsFromEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ key, message }) => `${key}: ${message}`);
    throw error;
  }
  throw new Error("No ConfigError was thrown.");
}

describe("settingsFromEnvironment", () => {
  it.each<[string, string, object]>([
    ["BROKER_URL", "redis://h/0", { brokerUrl: "redis://h/0" }],
    ["CELERY_BROKER_URL", "redis://a;redis://b", { brokerUrl: ["redis://a", "redis://b"] }],
    ["CELERY_RESULT_BACKEND", "redis://h/1", { resultBackend: "redis://h/1" }],
    ["CELERYD_CONCURRENCY", "4", { workerConcurrency: 4 }],
    ["CELERY_WORKER_CONCURRENCY", "4", { workerConcurrency: 4 }],
    ["CELERY_TASK_ACKS_LATE", "yes", { taskAcksLate: true }],
    ["CELERY_TASK_ACKS_LATE", "0", { taskAcksLate: false }],
    ["CELERY_ACCEPT_CONTENT", "json, yaml", { acceptContent: ["json", "yaml"] }],
    ["CELERY_ACCEPT_CONTENT", '["json","yaml"]', { acceptContent: ["json", "yaml"] }],
    ["CELERY_TASK_RESULT_EXPIRES", "1h", { resultExpires: 3600 }],
    ["CELERY_RESULT_EXPIRES", "none", { resultExpires: null }],
    ["CELERY_PUBLISH_TIMEOUT", "2.5", { publishTimeout: 2.5 }],
    [
      "CELERY_BROKER_TRANSPORT_OPTIONS",
      '{"visibility_timeout": 60}',
      { brokerTransportOptions: { visibility_timeout: 60 } },
    ],
    ["CELERY_BROKER_USE_SSL", "true", { brokerUseSsl: true }],
    ["CELERY_BROKER_USE_SSL", '{"ca": "x"}', { brokerUseSsl: { ca: "x" } }],
    ["CELERY_TASK_PROTOCOL", "1", { taskProtocol: 1 }],
    ["CELERY_RESULT_BACKEND_MAX_RETRIES", "inf", { resultBackendMaxRetries: Number.POSITIVE_INFINITY }],
    ["CELERY_WORKER_UMASK", "022", { workerUmask: "022" }],
    ["CELERY_WORKER_REVOKES_MAX", "10", { workerRevokesMax: 10 }],
    ["CELERY_TASK_ROUTES", '{"a.*": "q"}', { taskRoutes: { "a.*": "q" } }],
  ])("reads %s=%s", (variable, text, expected) => {
    expect(settingsFromEnvironment({ [variable]: text })).toEqual(expected);
  });

  it("leaves alone what belongs to others, and what is empty", () => {
    const env = {
      REDIS_HOST: "h",
      DATABASE_URL: "postgres://x",
      TIMEZONE: "Mars",
      PATH: "/bin",
      CELERY_BIN: "/usr/bin/celery",
      CELERY_CONFIG_MODULE: "celeryconfig",
      CELERYD_LOG_FILE: "/var/log/x",
      CELERY_TASK_SERIALIZER: "",
      CELERY_WORKER_POOL: undefined,
    };
    expect(settingsFromEnvironment(env)).toEqual({});
  });

  it("names each wrong variable, and shows no secret", () => {
    const issues = keysOf({
      CELERYD_CONCURRENCY: "four",
      CELERY_BROKR_URL: "redis://:geheim@h",
      CELERY_BROKER_TRANSPORT_OPTIONS: "{password: geheim}",
    });
    expect(issues).toEqual([
      "CELERY_BROKR_URL: There is no such setting. Did you mean CELERY_BROKER_URL?",
      expect.stringMatching(/^CELERY_BROKER_TRANSPORT_OPTIONS: must be JSON/),
      expect.stringMatching(/^CELERYD_CONCURRENCY: must be a whole number .*got "four"/),
    ]);
    expect(issues.join()).not.toContain("geheim");
  });

  it("refuses two variables of one setting that differ, naming both", () => {
    expect(keysOf({ BROKER_URL: "redis://a", CELERY_BROKER_URL: "redis://b" })).toEqual([
      "CELERY_BROKER_URL: CELERY_BROKER_URL and BROKER_URL are the same setting but differ in value; keep one of them.",
    ]);
    expect(settingsFromEnvironment({ BROKER_URL: "redis://a", CELERY_BROKER_URL: "redis://a" })).toEqual({
      brokerUrl: "redis://a",
    });
  });

  it("may mix the names of all Celery versions", () => {
    const env = { CELERYD_CONCURRENCY: "2", CELERY_WORKER_POOL: "solo", CELERY_IGNORE_RESULT: "on" };
    expect(settingsFromEnvironment(env)).toEqual({ workerConcurrency: 2, workerPool: "solo", taskIgnoreResult: true });
  });
});
