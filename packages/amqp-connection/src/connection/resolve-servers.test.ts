import { describe, expect, it } from "vitest";
import { connectionDefaults } from "../options/connection-options.js";
import { resolveServers } from "./resolve-servers.js";

describe("resolveServers", () => {
  it.each([
    ["no TLS", {}, { port: 5672, secure: false }],
    ["TLS", { tls: {} }, { port: 5671, secure: true }],
  ])("takes the port of a server for %s, as the settings say", (_what, options, expected) => {
    expect(resolveServers("amqp://h", connectionDefaults(options))).toMatchObject([expected]);
  });
});
