import { describe, expect, it } from "vitest";
import { parseMongoUrl } from "./mongo-url.js";

const NOWHERE = { hosts: undefined, user: undefined, password: undefined };

describe("a URL of MongoDB", () => {
  it.each([
    ["mongodb://", "mongodb://localhost/", "localhost", undefined],
    ["mongodb://db.example", "mongodb://db.example/", "db.example", undefined],
    [
      "mongodb://u:p%40@a:1,b:2/results?replicaSet=rs",
      "mongodb://u:p%40@a:1,b:2/results?replicaSet=rs",
      "a:1,b:2",
      "results",
    ],
    ["mongodb+srv://u:p@cluster.example/x", "mongodb+srv://u:p@cluster.example/x", "cluster.example", "x"],
    ["mongodb://h/my%20db", "mongodb://h/my%20db", "h", "my db"],
    ["mongodb://[::1]:27017/x", "mongodb://[::1]:27017/x", "[::1]:27017", "x"],
    ["mongodb://%2Ftmp%2Fmongo.sock", "mongodb://%2Ftmp%2Fmongo.sock/", "%2Ftmp%2Fmongo.sock", undefined],
  ])("%s", (url, forDriver, hosts, database) => {
    expect(parseMongoUrl(url, NOWHERE)).toMatchObject({ url: forDriver, hosts, database });
  });

  it("leaves out what only Python's driver knows", () => {
    const { url, options } = parseMongoUrl(
      "mongodb://h/x?tz_aware=true&w=1&uuidRepresentation=standard&TLS=true",
      NOWHERE,
    );
    expect(url).toBe("mongodb://h/x?w=1&TLS=true");
    expect([...options]).toEqual(["w", "tls"]);
  });

  it("gives way to the place that the settings name", () => {
    const place = { hosts: "c:3", user: "me", password: "secret" };
    expect(parseMongoUrl("mongodb://u:p@a:1/x", place).url).toBe("mongodb://c:3/x");
  });

  it.each(["mongodb://u:p@ss@h/x", "mongodb://u:p/w@h/x#y", "mongo://h", "http://h", "", "mongodb:/h"])(
    "%s is refused, and nothing of it is shown",
    (url) => {
      expect(() => parseMongoUrl(url, NOWHERE)).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", message: expect.not.stringMatching(/p@ss|p\/w/) }),
      );
    },
  );

  it("a percent sign that escapes nothing is named", () => {
    expect(() => parseMongoUrl("mongodb://h/%zz", NOWHERE)).toThrow(/percent sign/);
  });
});
