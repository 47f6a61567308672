import { isRetryable } from "@celeriac/core/errors";
import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from "mongodb";
import { describe, expect, it } from "vitest";
import { duplicateKeys } from "./duplicate-keys.js";
import { loadDriver } from "./load-driver.js";
import { describeFailure, failureKind, isUnsupported } from "./mongo-failure.js";

const server = (code: number, errmsg = "no"): MongoServerError => new MongoServerError({ code, errmsg });
const EMPTY = { insertedCount: 0, matchedCount: 0, upsertedCount: 0 };

function bulk(fields: object, result: object = EMPTY): Error {
  // The driver says its constructor is not for others; its errors are no less what we must read.
  return Reflect.construct(MongoBulkWriteError, [fields, result]);
}

describe("errors of the driver", () => {
  it.each([
    [new MongoNetworkError("cut"), "lost"],
    [server(10107), "lost"],
    [server(11600), "lost"],
    [server(112), "conflict"],
    [server(14031), "full"],
    [server(18), "auth"],
    [server(13), "auth"],
    [server(50), "timeout"],
    [server(10334), "refused"],
    [server(9), "refused"],
    [bulk(new MongoNetworkError("cut")), "lost"],
    [new Error("Server at h reports maximum wire version 5, but ..."), "refused"],
    [new RangeError('The value of "offset" is out of range.'), "refused"],
    ["what", "refused"],
  ])("case %# is %s", (error, kind) => {
    expect(failureKind(error)).toBe(kind);
  });

  it("say what failed where, and whether trying again makes sense", () => {
    const lost = describeFailure("lost", "storing 3 results", "MongoDB h/x", new MongoNetworkError("cut"));
    expect(lost.message).toBe("MongoDB h/x is not reachable while storing 3 results. cut.");
    expect(isRetryable(lost)).toBe(true);
    const large = describeFailure("refused", "storing 1 results", "MongoDB h/x", server(10334, "too large"));
    expect(large).toMatchObject({
      code: "BACKEND_REFUSED",
      retryable: false,
      message: expect.stringContaining("16 MB"),
    });
  });

  it("a server without change streams is no failure", () => {
    expect([40573, 238, 59].map((code) => isUnsupported(server(code)))).toEqual([true, true, true]);
    expect(isUnsupported(server(13))).toBe(false);
  });
});

describe("duplicate keys", () => {
  const at = (index: number, code = 11000): object => ({ index, code });

  it("are told apart from what was carried out", () => {
    const error = bulk({ message: "E11000", code: 11000, writeErrors: [at(1)] }, { ...EMPTY, upsertedCount: 2 });
    expect(duplicateKeys(error, 3)).toEqual({ places: new Set([1]), isComplete: true });
  });

  it("a server that stops at the first one is found out", () => {
    const error = bulk({ message: "E11000", code: 11000, writeErrors: [at(0)] });
    expect(duplicateKeys(error, 3)).toMatchObject({ isComplete: false });
  });

  it("another error among them counts more", () => {
    expect(duplicateKeys(bulk({ message: "x", code: 11000, writeErrors: [at(0), at(1, 10334)] }), 2)).toBeUndefined();
    expect(duplicateKeys(server(112), 1)).toBeUndefined();
    expect(duplicateKeys(server(11000), 1)).toEqual({ places: new Set([0]), isComplete: true });
  });
});

describe("the driver", () => {
  it("that is not installed is named, with what to type", async () => {
    const missing = loadDriver(() => Promise.reject(new Error("Cannot find package 'mongodb'\nsecond line")));
    await expect(missing).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/npm install mongodb@7 \(Cannot find package 'mongodb'\)/),
    });
  });

  it("that is something else is named as well", async () => {
    await expect(loadDriver(async () => ({}))).rejects.toMatchObject({
      message: expect.stringContaining("no MongoClient"),
    });
  });
});
