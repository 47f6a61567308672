import { expect, it } from "vitest";
import { missingPeers } from "./requirements.js";

const NOTHING = { PATH: "" };

it("lists everything that a transport needs and is not there, each once", () => {
  const text = missingPeers("redis+mongo", NOTHING) ?? "";
  expect(text.match(/CELERIAC_\w+ is not set/g)).toEqual([
    "CELERIAC_PYTHON is not set",
    "CELERIAC_REDIS_URL is not set",
    "CELERIAC_MONGO_URL is not set",
  ]);
  expect(missingPeers("amqp+rpc", NOTHING)).not.toContain("REDIS");
});

it("throws on CI, where nothing may be missing", () => {
  expect(() => missingPeers("redis+postgres", { ...NOTHING, CI: "true" })).toThrow("CELERIAC_POSTGRES_URL is not set");
});
