import { describe, expect, it } from "vitest";
import { parseAddresses, showAddress } from "./amqp-address.js";

const guest = { hostname: "h", port: 5672, virtualHost: "/", username: "guest", password: "guest", secure: false };

describe("parseAddresses", () => {
  it.each([
    ["amqp://h", {}],
    ["amqp://h/", {}],
    ["amqp://h//", {}],
    ["pyamqp://h:1234/%2f", { port: 1234 }],
    ["amqp://", { hostname: "localhost" }],
    ["amqp://h/shop", { virtualHost: "shop" }],
    ["amqp://h//shop", { virtualHost: "/shop" }],
    ["amqp://h/%2Fshop%20b", { virtualHost: "/shop b" }],
    ["amqps://h", { port: 5671, secure: true }],
    ["amqp://u:p%40%2F@h", { username: "u", password: "p@/" }],
    ["amqp://u@h", { username: "u" }],
    ["amqp://u:@h", { username: "u" }],
    ["amqp://:p@h", { password: "p" }],
    ["amqp://[::1]:9", { hostname: "::1", port: 9 }],
  ])("reads %s", (url, expected) => {
    expect(parseAddresses(url)).toEqual([{ ...guest, ...expected }]);
  });

  it.each([
    ["amqp://h", 5671],
    ["amqps://h", 5671],
    ["amqp://h:5672", 5672],
  ])("takes the port of TLS for %s where TLS is asked for elsewhere, as kombu does", (url, port) => {
    expect(parseAddresses(url, { encrypt: true })).toEqual([{ ...guest, port, secure: true }]);
  });

  it("reads several, as one text or as a list, later ones without scheme", () => {
    const hosts = ["a", "b", "c"].map((hostname) => ({ ...guest, hostname }));
    expect(parseAddresses("amqp://a;amqp://b; guest:guest@c//")).toEqual(hosts);
    expect(parseAddresses(["amqp://a", "amqp://b;c"])).toEqual(hosts);
  });

  it.each([
    ["redis://h", /scheme "redis:\/\/"/],
    ["amqp://u:se#cret@h", /percent-encoded|query/],
    ["amqp://u:100%@h", /%25/],
    ["amqp://h?heartbeat=1", /query/],
    [";", /names no server/],
  ])("refuses %s, and shows no password", (url, message) => {
    expect(() => parseAddresses(url)).toThrow(message);
    expect(() => parseAddresses(url)).not.toThrow(/cret|100%@/);
  });

  it("shows an address without credentials", () => {
    const shown = parseAddresses("amqp://u:p@h:1/shop;amqp://u:p@[::1]").map(showAddress);
    expect(shown).toEqual(['h:1 (virtual host "shop")', "[::1]:5672"]);
  });
});
