import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.js";
import { humanize, maskSettings } from "./humanize.js";
import { defaultSettings, normalizeSettings, parseSettings } from "./parse-settings.js";
import { settingNames } from "./setting-names.js";
import type { SettingsInput } from "./settings.js";

/** Issues as `key: message` lines. */
function issuesOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ key, message }) => `${key}: ${message}`);
    throw error;
  }
  throw new Error("No ConfigError was thrown.");
}

describe("parseSettings", () => {
  it("fills in every setting that is not foreign", () => {
    const expected = settingNames.filter(({ setting }) => setting.use !== "foreign").map(({ camel }) => camel);
    expect(Object.keys(defaultSettings()).sort()).toEqual([...expected].sort());
    expect(defaultSettings()).toMatchObject({ publishTimeout: 10, maxBodyBytes: 67_108_864, maxEta: 31_536_000 });
  });

  it.each([
    ["camelCase", { taskAcksLate: true, resultExpires: "1h" }],
    ["lower case", { task_acks_late: true, result_expires: 3600 }],
    ["Celery 3", { CELERY_ACKS_LATE: true, CELERY_TASK_RESULT_EXPIRES: "60m" }],
    ["prefixed", { CELERY_TASK_ACKS_LATE: true, CELERY_RESULT_EXPIRES: 3600 }],
  ])("reads names in %s", (_, input) => {
    expect(parseSettings(input).settings).toMatchObject({ taskAcksLate: true, resultExpires: 3600 });
  });

  it.each<[string, SettingsInput, object]>([
    ["a single text as a list", { imports: ["a"] }, { imports: ["a"] }],
    ["several URLs in one text", { brokerUrl: "redis://a;redis://b" }, { brokerUrl: ["redis://a", "redis://b"] }],
    [
      "a partial retry policy",
      { taskPublishRetryPolicy: { maxRetries: null } },
      { taskPublishRetryPolicy: { maxRetries: Number.POSITIVE_INFINITY, intervalMax: 1 } },
    ],
    [
      "null where it means no limit",
      { resultExpires: null, brokerPoolLimit: null },
      { resultExpires: null, brokerPoolLimit: null },
    ],
    ["undefined as not given", { taskSerializer: undefined }, { taskSerializer: "json" }],
    ["a rate with its unit", { taskDefaultRateLimit: "10/m" }, { taskDefaultRateLimit: "10/m" }],
  ])("takes %s", (_, input, expected) => {
    expect(parseSettings(input).settings).toMatchObject(expected);
  });

  it("takes Celery's spellings inside values", () => {
    const { settings } = parseSettings({
      accept_content: new Set(["json", "yaml"]),
      imports: "tasks",
      task_default_delivery_mode: "transient",
      task_publish_retry_policy: { max_retries: 5, interval_step: 1 },
    });
    expect(settings).toMatchObject({
      acceptContent: ["json", "yaml"],
      imports: ["tasks"],
      taskDefaultDeliveryMode: 1,
      taskPublishRetryPolicy: { maxRetries: 5, intervalStart: 0, intervalMax: 1, intervalStep: 1 },
    });
  });

  it.each([
    [{ broker_host: "h" }, "amqp://h"],
    [
      { broker_host: "h", broker_port: 5673, broker_user: "u", broker_password: "p/w", broker_vhost: "/v" },
      "amqp://u:p%2Fw@h:5673/%2Fv",
    ],
    [{ broker_host: "redis://h/1" }, "redis://h/1"],
    [{ broker_transport: "redis", broker_host: "h", broker_vhost: "0" }, "redis://h/0"],
    [{ broker_host: "h", broker_url: "redis://x" }, "redis://x"],
  ])("makes a URL of the parts %j", (input, url) => {
    expect(parseSettings(input).settings.brokerUrl).toBe(url);
  });

  it("is frozen", () => {
    expect(Object.isFrozen(parseSettings({}).settings)).toBe(true);
  });

  it("reports everything that is wrong at once, with its source", () => {
    const issues = issuesOf(() =>
      parseSettings(
        { brokr_url: "x", task_acks_late: "yes", worker_concurrency: 1.5, timezone: "Mars/Base" },
        "celery.json",
      ),
    );
    expect(issues).toEqual([
      "brokr_url (celery.json): There is no such setting. Did you mean broker_url?",
      'task_acks_late (celery.json): must be true or false, got "yes".',
      "worker_concurrency (celery.json): must be a whole number not below 0, or null, got 1.5.",
      'timezone (celery.json): must be the name of a time zone, like "UTC" or "Europe/Paris", got "Mars/Base".',
    ]);
  });

  it.each([
    [{ taskProtocol: 3 }, "must be one of 1, 2, got 3."],
    [
      { publishTimeout: "soon" },
      'must be seconds as a number, or a text like "5s", "500ms", "1h30m" from 0.001, got "soon".',
    ],
    [{ publishTimeout: -1 }, "got -1."],
    [{ brokerUrl: [] }, "must be a URL or a list of URLs, or null, got []."],
    [{ taskDefaultRateLimit: "10/d" }, 'got "10/d".'],
    [{ taskRoutes: "my.Router" }, 'names a Python router ("my.Router"); give a function or a record of routes.'],
    [{ taskQueueMaxPriority: 256 }, "up to 255, or null, got 256."],
    [{ taskPublishRetryPolicy: { maxRetrys: 3 } }, "must be a record of maxRetries"],
    [{ beatSchedule: new Date(0) }, "must be a record"],
    [{ workerMaxMemoryPerChild: "a" }, "must be a whole number of KiB"],
    [{ taskSerializer: null }, "must be a text, got null."],
    [{ resultBackendMaxRetries: Number.NaN }, "got NaN."],
  ])("refuses %j", (input, message) => {
    const issues = issuesOf(() => parseSettings(input));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(message);
  });

  it("shows no secret in an error", () => {
    const issues = issuesOf(() =>
      parseSettings({
        redisPassword: 4711,
        brokerUrl: ["redis://:geheim@h", 1],
        mongodbBackendSettings: [{ password: "geheim" }],
      }),
    );
    expect(issues).toHaveLength(3);
    expect(issues.join()).not.toMatch(/geheim|4711/);
  });

  it("warns once of each setting that has no effect here", () => {
    const { settings, warnings } = parseSettings({ worker_pool_putlocks: true, s3_bucket: "b", task_acks_late: true });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^worker_pool_putlocks has no effect/);
    expect(settings).not.toHaveProperty("s3Bucket");
    expect(issuesOf(() => parseSettings({ s3_bucket: 3 }))).toEqual(["s3_bucket: must be a text, or null, got 3."]);
  });

  it.each(["event", "control"])("refuses %s queues that are durable and exclusive", (kind) => {
    const issues = issuesOf(() =>
      parseSettings({ [`${kind}_queue_durable`]: true, [`${kind}_queue_exclusive`]: true }),
    );
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(`${kind}QueueDurable`);
  });

  it("takes a key that is no setting, whatever it is called, for unknown", () => {
    expect(issuesOf(() => parseSettings(JSON.parse('{"__proto__": {"taskAcksLate": true}}')))).toHaveLength(1);
    expect(issuesOf(() => parseSettings({ constructor: 1, toString: 2 }))).toHaveLength(2);
  });
});

describe("a mix of old and new names", () => {
  it.each([
    [
      { task_serializer: "json", task_acks_late: true, CELERY_IGNORE_RESULT: true },
      [
        "CELERY_IGNORE_RESULT: Old and new names of settings cannot be mixed: rename CELERY_IGNORE_RESULT to task_ignore_result, in the style of task_serializer.",
      ],
    ],
    [
      { CELERY_IGNORE_RESULT: true, BROKER_URL: "redis://h", task_acks_late: true },
      [
        "task_acks_late: Old and new names of settings cannot be mixed: rename task_acks_late to CELERY_ACKS_LATE, in the style of CELERY_IGNORE_RESULT.",
      ],
    ],
    [
      { taskSerializer: "json", BROKER_URL: "redis://h" },
      [
        "BROKER_URL: Old and new names of settings cannot be mixed: rename BROKER_URL to brokerUrl, in the style of taskSerializer.",
      ],
    ],
  ])("%j is refused, the minority being wrong", (input, expected) => {
    expect(issuesOf(() => parseSettings(input))).toEqual(expected);
  });

  it("is allowed where the odd name has its counterpart beside it", () => {
    const input = { task_serializer: "json", result_expires: 60, CELERY_TASK_RESULT_EXPIRES: 60 };
    expect(parseSettings(input).settings.resultExpires).toBe(60);
  });

  it("does not count prefixed names, nor camelCase beside lower case", () => {
    expect(() => parseSettings({ CELERY_TASK_ACKS_LATE: true, BROKER_URL: "redis://h" })).not.toThrow();
    expect(() => parseSettings({ task_acks_late: true, publishTimeout: 1 })).not.toThrow();
  });
});

describe("the same setting twice", () => {
  it("is refused when the values differ, naming both", () => {
    expect(issuesOf(() => parseSettings({ brokerUrl: "redis://a", broker_url: "redis://b" }))).toEqual([
      "broker_url: broker_url and brokerUrl are the same setting but differ in value; keep one of them.",
    ]);
  });

  it("is allowed when they mean the same", () => {
    const { settings } = parseSettings({
      resultExpires: "1h",
      result_expires: 3600,
      imports: ["a"],
      CELERY_TASK_ACKS_LATE: true,
      taskAcksLate: true,
    });
    expect(settings).toMatchObject({ resultExpires: 3600, taskAcksLate: true });
  });
});

describe("normalizeSettings", () => {
  it("gives camelCase names without defaults, which parse to the same", () => {
    const { input, warnings } = normalizeSettings({
      result_expires: "1h",
      task_publish_retry_policy: { max_retries: null },
      s3_bucket: "b",
    });
    expect(input).toEqual({
      resultExpires: 3600,
      taskPublishRetryPolicy: {
        maxRetries: Number.POSITIVE_INFINITY,
        intervalStart: 0,
        intervalMax: 1,
        intervalStep: 0.2,
      },
    });
    expect(warnings).toHaveLength(1);
    expect(parseSettings(input).settings).toMatchObject(input);
  });
});

describe("humanize", () => {
  const { settings } = parseSettings({
    brokerUrl: "redis://:geheim@h/0",
    redisPassword: "geheim",
    securityKey: "/etc/key.pem",
    brokerTransportOptions: { sentinel_kwargs: { password: "geheim" }, global_keyprefix: "p:" },
    taskAcksLate: true,
  });

  it("shows what was changed, without secrets", () => {
    expect(humanize(settings)).toBe(
      [
        "task_acks_late: true",
        'broker_url: "redis://********@h/0"',
        'broker_transport_options: {"sentinel_kwargs":{"password":"********"},"global_keyprefix":"p:"}',
        'redis_password: "********"',
        'security_key: "/etc/key.pem"',
      ].join("\n"),
    );
  });

  it("shows everything on request, numbers without limit included", () => {
    const all = humanize(settings, { withDefaults: true });
    expect(all).toContain("result_backend_max_retries: Infinity");
    expect(Object.keys(maskSettings(settings, { withDefaults: true }))).toHaveLength(Object.keys(settings).length);
  });
});
