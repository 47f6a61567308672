import type { ConnectionSettings } from "@celeriac/core/ports";
import { describe, expect, it } from "vitest";
import { fromConnectionSettings } from "./connection-settings.js";

const CELERY: ConnectionSettings = {
  failoverStrategy: "shuffle",
  heartbeat: 120,
  timeout: 4,
  loginMethod: null,
  useSsl: false,
  delayedDeliveryQueueType: "quorum",
};

describe("settings of the connection", () => {
  it("become options, none of them where Celery says none", () => {
    expect(fromConnectionSettings(CELERY)).toEqual({
      failoverStrategy: "shuffle",
      heartbeat: 120,
      connectTimeout: 4,
    });
    expect(fromConnectionSettings({ ...CELERY, heartbeat: null, timeout: null })).not.toHaveProperty("connectTimeout");
  });

  it("read broker_use_ssl in Python's names", () => {
    const useSsl = { ca_certs: "/ca.pem", certfile: "/c.pem", keyfile: "/k.pem", cert_reqs: 0 };
    expect(fromConnectionSettings({ ...CELERY, useSsl }).tls).toEqual({
      caFile: "/ca.pem",
      certFile: "/c.pem",
      keyFile: "/k.pem",
      verify: false,
    });
    expect(fromConnectionSettings({ ...CELERY, useSsl: { cert_reqs: "CERT_REQUIRED" } }).tls).toEqual({ verify: true });
  });

  it("name what is wrong", () => {
    expect(() => fromConnectionSettings({ ...CELERY, loginMethod: "GSSAPI" })).toThrow(
      /GSSAPI.*PLAIN, AMQPLAIN, EXTERNAL/,
    );
    expect(() => fromConnectionSettings({ ...CELERY, useSsl: { ca_cert: "x" } })).toThrow(/ca_cert.*ca_certs/);
  });
});
