import type { ConfigError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import { parseBrokerOptions, readBrokerOptions } from "./broker-settings.js";

describe("broker options", () => {
  it("has Celery's defaults where it has them", () => {
    expect(parseBrokerOptions({})).toMatchObject({
      failoverStrategy: "round-robin",
      loginMethod: "PLAIN",
      connectTimeoutMs: 4000,
      heartbeatMs: 60_000,
      delayedDelivery: "auto",
      delayedDeliveryQueueType: "quorum",
      publishTimeoutMs: 10_000,
    });
  });

  it("reads Celery's names, and passes over those that mean nothing here", () => {
    expect(
      readBrokerOptions({ failover_strategy: "shuffle", heartbeat: 0, confirm_publish: true, login_method: null }),
    ).toEqual({ failoverStrategy: "shuffle", heartbeat: 0 });
  });

  it("reads what is in tls, and refuses what it does not know there", () => {
    expect(readBrokerOptions({ tls: { ca_file: "/ca.pem" } })).toEqual({ tls: { caFile: "/ca.pem" } });
    expect(() => readBrokerOptions({ tls: { ca_flie: "/ca.pem" } })).toThrow(
      /broker_transport_options\.tls\.ca_flie\b.*Did you mean caFile/,
    );
    const misspelled: object = { caFlie: "/ca.pem" };
    expect(() => parseBrokerOptions({ tls: misspelled })).toThrow(/tls\.caFlie/);
  });

  it("reports every problem at once, with the name that was probably meant", () => {
    let issues: readonly string[] = [];
    try {
      readBrokerOptions({ hartbeat: 5, login_method: "plain", connect_timeout: 0 });
    } catch (error) {
      issues = (error as ConfigError).issues.map((issue) => `${issue.key} ${issue.message}`);
    }
    expect(issues).toEqual([
      expect.stringMatching(/^broker_transport_options\.hartbeat .*Did you mean heartbeat/),
      expect.stringMatching(/login_method.*PLAIN, AMQPLAIN, EXTERNAL/),
      expect.stringMatching(/connect_timeout is 0; it must be a number above 0/),
    ]);
  });
});
