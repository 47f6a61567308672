import { describe, expect, it } from "vitest";
import { installCommand, packagesFor, unknownScheme } from "./adapter-packages.js";

describe("adapter packages", () => {
  it.each([
    ["broker", "redis", "npm install @celeriac/broker-redis ioredis"],
    ["backend", "rediss", "npm install @celeriac/backend-redis ioredis"],
    ["broker", "filesystem", "npm install @celeriac/broker-filesystem"],
    ["backend", "file", "npm install @celeriac/backend-filesystem"],
  ] as const)("%s %s:// comes with %s", (role, scheme, command) => {
    const packages = packagesFor(role, scheme);
    expect(packages === undefined ? undefined : installCommand(packages)).toBe(command);
  });

  it("keeps the two roles apart", () => {
    expect(packagesFor("broker", "file")).toBeUndefined();
    expect(unknownScheme("backend", "filesystem")).toContain("Known: redis://");
  });
});
