import type { ConfigError } from "@celeriac/core/errors";
import type { AdapterContext, BrokerPlace, ConnectionSettings } from "@celeriac/core/ports";
import { describe, expect, it } from "vitest";
import { parseBackendOptions, readBackendOptions } from "./backend-settings.js";
import { rpcBackend } from "./create-rpc-backend.js";
import { planReplyQueue } from "./listen/plan-reply-queue.js";

const connection: ConnectionSettings = {
  failoverStrategy: "round-robin",
  heartbeat: 30,
  timeout: 7,
  loginMethod: null,
  useSsl: false,
  delayedDeliveryQueueType: "quorum",
};

function brokerAt(url: string, transportOptions: BrokerPlace["transportOptions"] = {}): BrokerPlace {
  return { urls: [url], transportOptions, connection };
}

describe("options of results over rpc", () => {
  it("come from Celery's settings, those of the broker included", () => {
    const context: AdapterContext = {
      transportOptions: { max_results: 5 },
      resultExpires: 60,
      resultSerializer: "json",
      resultPersistent: true,
    };
    const broker = brokerAt("amqp://", { client_name: "shop", delayedDelivery: "never", connect_timeout: 2 });
    expect(readBackendOptions(context, broker)).toEqual({
      failoverStrategy: "round-robin",
      heartbeat: 30,
      connectTimeout: 2,
      clientName: "shop",
      maxResults: 5,
      resultExpires: 60,
      resultSerializer: "json",
      resultPersistent: true,
    });
  });

  it("are wrong all at once", () => {
    let issues: readonly string[] = [];
    try {
      const resultCompression = "lzma";
      parseBackendOptions({ oid: "", resultExpires: -1, resultSerializer: "pickle", resultCompression, maxResults: 0 });
    } catch (error) {
      issues = (error as ConfigError).issues.map((issue) => `${issue.key} ${issue.message}`);
    }
    expect(issues).toEqual([
      expect.stringMatching(/^resultSerializer is "pickle"; it must be one of json/),
      expect.stringMatching(/^resultCompression is "lzma"; it must be zlib, gzip or brotli/),
      expect.stringMatching(/^maxResults is 0/),
      expect.stringMatching(/^resultExpires is -1/),
      expect.stringMatching(/^oid .*1 to 255 bytes/),
    ]);
    const misspelled: object = { caFlie: "/ca.pem" };
    expect(() => parseBackendOptions({ tls: misspelled })).toThrow(/tls\.caFlie.*Did you mean caFile/);
    const context = { transportOptions: { oid: "x" } };
    expect(() => readBackendOptions(context, brokerAt("amqp://"))).toThrow(/result_backend_transport_options.oid/);
    const setting = { transportOptions: { result_compression: "lzma" } };
    expect(() => readBackendOptions(setting, brokerAt("amqp://"))).toThrow(/ {2}result_compression: is "lzma"/);
  });

  it.each([
    ["made up", {}, { durable: false, expiresMs: 3_600_000 }],
    ["made up, for ever", { resultExpires: null }, { durable: false, expiresMs: 3_600_000 }],
    ["made up, soon gone", { resultExpires: 60, resultPersistent: true }, { durable: true, expiresMs: 60_000 }],
    ["given", { oid: "o" }, { durable: false, expiresMs: 86_400_000, messageTtlMs: 86_400_000 }],
    ["given, for ever", { oid: "o", resultExpires: 0, resultPersistent: true }, { durable: true }],
    ["given, for long", { oid: "o", resultExpires: 1e9 }, { expiresMs: 4_294_967_295, messageTtlMs: 4_294_967_295 }],
  ])("make a queue whose name is %s", (_what, options, queue) => {
    const settings = parseBackendOptions(options, "told by the app");
    const planned = planReplyQueue(settings);
    expect(planned).toMatchObject({ ...queue, exchange: { name: "" } });
    expect(planned.name).toBe("oid" in options ? "o" : "told by the app");
    expect(planned).not.toHaveProperty("autoDelete");
    expect("expiresMs" in planned).toBe("expiresMs" in queue);
  });
});

describe("rpc://", () => {
  const contextOf = (broker?: BrokerPlace): AdapterContext => ({
    transportOptions: {},
    replyTo: "app",
    ...(broker === undefined ? {} : { broker }),
  });

  it("is where the broker is, whatever else it says", () => {
    const { description, replies } = rpcBackend.fromUrl(
      "rpc://ignored:5/x",
      contextOf(brokerAt("pyamqp://guest:secret@rabbit:99/shop")),
    );
    expect(description).toBe('rpc rabbit:99 (virtual host "shop")');
    expect(replies?.address).toBe("app");
  });

  it.each([
    ["no broker that a URL names", undefined, /no URL names one.*rpcBackend\(url\)/],
    ["another broker", brokerAt("redis://:secret@h/0"), /the broker is redis:\/\/.*such as redis:\/\//],
  ])("refuses %s", (_what, broker, text) => {
    expect(() => rpcBackend.fromUrl("rpc://", contextOf(broker))).toThrow(text);
    expect(() => rpcBackend.fromUrl("rpc://", contextOf(broker))).not.toThrow(/secret/);
  });
});
