import { BrokerError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import { redisError } from "./redis-failure.js";

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

describe("redisError", () => {
  it.each([
    ["NOAUTH Authentication required.", "BROKER_AUTH", false],
    ["WRONGPASS invalid username-password pair or user is disabled.", "BROKER_AUTH", false],
    ["NOPERM this user has no permissions to run the 'lpush' command", "BROKER_AUTH", false],
    ["OOM command not allowed when used memory > 'maxmemory'.", "BROKER_REFUSED", true],
    ["ERR Error running script: @user_script: 3: -OOM command not allowed", "BROKER_REFUSED", true],
    ["MISCONF Redis is configured to save RDB snapshots", "BROKER_REFUSED", true],
    ["READONLY You can't write against a read only replica.", "BROKER_REFUSED", true],
    ["LOADING Redis is loading the dataset in memory", "BROKER_REFUSED", true],
    ["BUSY Redis is busy running a script.", "BROKER_REFUSED", true],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "BROKER_REFUSED", false],
    ["ERR unknown command 'blmove'", "BROKER_REFUSED", false],
  ])("%s is %s", (message, code, retryable) => {
    expect(redisError("broker", "testing", reply(message))).toMatchObject({ code, retryable });
  });

  it("takes everything that is no reply for a lost connection", () => {
    expect(redisError("backend", "testing", new Error("read ECONNRESET"))).toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      retryable: true,
      message: "Redis is not reachable while testing. read ECONNRESET",
    });
  });

  it("a certificate that is refused is not worth another try", () => {
    const refusal = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(redisError("broker", "testing", refusal, "h:6379")).toMatchObject({
      code: "BROKER_UNAVAILABLE",
      retryable: false,
      message: expect.stringMatching(/^Redis at h:6379 is not reachable while testing. self-signed certificate. Give /),
    });
  });

  it("leaves typed errors alone", () => {
    const error = new BrokerError("x", { code: "UNROUTABLE" });
    expect(redisError("broker", "testing", error)).toBe(error);
  });
});
