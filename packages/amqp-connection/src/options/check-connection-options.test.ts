import { describe, expect, it } from "vitest";
import { checkConnectionOptions } from "./check-connection-options.js";
import { CONNECTION_OPTIONS } from "./connection-options.js";

describe("checkConnectionOptions", () => {
  it("looks into tls, where a misspelled name would go unnoticed, and shows no key", () => {
    const tls = { caFlie: "/ca.pem", verify: "no", key: 5, reject_unauthorized: false, certFile: "/c.pem" };
    const { issues } = checkConnectionOptions({ heartbeat: 5, tls }, CONNECTION_OPTIONS);
    expect(issues.map(({ key, message }) => `${key} ${message}`)).toEqual([
      expect.stringMatching(/^tls\.caFlie is no option here\. Did you mean caFile\?/),
      'tls.verify is "no"; it must be true or false.',
      "tls.key must be text.",
      expect.stringMatching(/^tls\.reject_unauthorized is no option here\./),
    ]);
  });

  it("reads tls in either spelling, and beside what else is wrong", () => {
    const { values, issues } = checkConnectionOptions({ tls: { ca_file: "/ca.pem" }, hartbeat: 1 }, CONNECTION_OPTIONS);
    expect(values).toEqual({ tls: { caFile: "/ca.pem" } });
    expect(issues).toMatchObject([{ key: "hartbeat" }]);
    expect(checkConnectionOptions({ tls: true }, CONNECTION_OPTIONS).issues).toMatchObject([{ key: "tls" }]);
  });
});
