import { describe, expect, it } from "vitest";
import { parseBackendOptions, readBackendOptions } from "./backend-settings.js";

describe("backend options", () => {
  it.each([
    ["", ""],
    ["shop", "shop_"],
    ["shop_", "shop_"],
    ["shop:", "shop:"],
    ["shop-", "shop-"],
    ["shop.", "shop."],
  ])("a key prefix %j becomes %j", (globalKeyprefix, keyPrefix) => {
    expect(parseBackendOptions({ globalKeyprefix }).keyPrefix).toBe(keyPrefix);
  });

  it.each([
    [undefined, 86_400],
    [null, 0],
    [0, 0],
    [1.2, 2],
  ])("results that expire after %j are kept %j seconds", (resultExpires, expirySeconds) => {
    expect(parseBackendOptions(resultExpires === undefined ? {} : { resultExpires }).expirySeconds).toBe(expirySeconds);
  });

  it("names the serializers there are when another is asked for", () => {
    expect(() => parseBackendOptions({ resultSerializer: "pickle" })).toThrow(/"pickle".*json/);
  });

  it("reads Celery's settings", () => {
    const context = { transportOptions: { global_keyprefix: "x" }, resultExpires: 5, resultSerializer: "json" };
    expect(readBackendOptions(context)).toEqual({ globalKeyprefix: "x", resultExpires: 5, resultSerializer: "json" });
    expect(() => readBackendOptions({ transportOptions: { global_keyprefx: "x" } })).toThrow(/globalKeyprefix/);
  });
});
