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

  it.each(["lzma", "", 5, {}])("names the compressions there are when %j is asked for", (resultCompression) => {
    const words = /resultCompression: is .*; it must be zlib, gzip or brotli/;
    expect(() => parseBackendOptions({ resultCompression } as object)).toThrow(words);
    const transportOptions = { result_compression: resultCompression };
    expect(() => readBackendOptions({ transportOptions })).toThrow(
      /result_backend_transport_options.result_compression/,
    );
  });

  it("reads a compression beside the options of the connection", () => {
    const transportOptions = { result_compression: "zlib", global_keyprefix: "x", retry_policy: { timeout: 5 } };
    expect(readBackendOptions({ transportOptions })).toEqual({ resultCompression: "zlib", globalKeyprefix: "x" });
  });

  it("reads Celery's settings", () => {
    const context = { transportOptions: { global_keyprefix: "x" }, resultExpires: 5, resultSerializer: "json" };
    expect(readBackendOptions(context)).toEqual({ globalKeyprefix: "x", resultExpires: 5, resultSerializer: "json" });
    expect(() => readBackendOptions({ transportOptions: { global_keyprefx: "x" } })).toThrow(/globalKeyprefix/);
  });
});
