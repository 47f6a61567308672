import { readFileSync } from "node:fs";
import type { ResultBackend } from "@celeriac/core/ports";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Backends } from "./sample.js";
import { type Certificates, createCertificates, hasOpenssl } from "./servers/certificates.js";
import { createTestDatabase, POSTGRES, type TestDatabase } from "./servers/sql-server.js";
import { startTlsFront, type TlsFront } from "./servers/tls-front.js";

const isPossible = POSTGRES.url !== undefined && hasOpenssl;
if (!hasOpenssl) console.warn("Skipped: no openssl, so no TLS.");

describe.skipIf(!isPossible)("TLS to PostgreSQL", () => {
  let database: TestDatabase;
  let certificates: Certificates;
  let front: TlsFront;
  let warnings: string[];
  const backends = new Backends();

  beforeAll(async () => {
    database = await createTestDatabase(POSTGRES);
    certificates = createCertificates();
  });
  beforeEach(() => {
    warnings = [];
  });
  afterEach(async () => {
    await backends[Symbol.asyncDispose]();
    await front[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    certificates[Symbol.dispose]();
    await database.drop();
  });

  async function open(host: string, query: string, insists = false): Promise<ResultBackend> {
    const { caFile, otherCaFile, certFile, keyFile } = certificates;
    const pair = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
    front = await startTlsFront({ url: database.directUrl, ...pair, insists });
    const url = new URL(database.directUrl);
    url.hostname = host;
    url.port = String(front.port);
    url.search = query.replace("CA", caFile).replace("OTHER", otherCaFile);
    return backends.open(url.href, { timeoutMs: 5_000, onWarning: (message) => void warnings.push(message) });
  }

  it.each([
    ["127.0.0.1", "", "unless the URL says otherwise"],
    ["127.0.0.1", "?sslmode=prefer", "when it is preferred"],
    ["127.0.0.1", "?sslmode=verify-ca&sslrootcert=CA", "to a host of any name that the authority knows"],
    ["127.0.0.1", "?sslmode=require&sslrootcert=CA", "checked, when an authority is named"],
    ["localhost", "?sslmode=verify-full&sslrootcert=CA", "to this host only"],
    ["localhost", "?sslrootcert=CA", "checked, when nothing but an authority is named"],
  ])("is used with %s%s: %s", async (host, query) => {
    const backend = await open(host, query);
    const watch = await backend.watcher.watch("t", () => undefined);
    await watch[Symbol.asyncDispose]();
    expect(front.encrypted).toBeGreaterThan(1);
    expect(front.plain).toBe(0);
    expect(warnings).toEqual([]);
  });

  it.each([
    ["127.0.0.1", "?sslmode=verify-full&sslrootcert=CA", /altnames/],
    ["localhost", "?sslmode=verify-full", /certificate/],
    ["localhost", "?sslmode=verify-ca&sslrootcert=OTHER", /certificate/],
    ["localhost", "?sslmode=require&sslrootcert=OTHER", /certificate/],
    ["localhost", "?sslrootcert=OTHER", /certificate/],
  ])("refuses the server with %s%s", async (host, query, message) => {
    const backend = await open(host, query);
    await expect(backend.fetch("t")).rejects.toMatchObject({ code: "BACKEND_REFUSED", retryable: false, message });
    expect(front.plain).toBe(0);
  });

  it("without a check is warned of, once", async () => {
    const backend = await open("127.0.0.1", "?sslmode=require");
    await backend.fetch("t");
    await backend.fetch("t");
    expect(front).toMatchObject({ plain: 0 });
    expect(warnings).toEqual([expect.stringMatching(/not checked.*verify-full/)]);
  });

  it("is not used when it is disabled, and the server that wants it says so", async () => {
    const backend = await open("127.0.0.1", "?sslmode=disable", true);
    const message = expect.stringContaining("sslmode=require");
    await expect(backend.fetch("t")).rejects.toMatchObject({ code: "BACKEND_AUTH", retryable: false, message });
    expect(front.encrypted).toBe(0);
  });

  it("is used when plain text is refused, if it is allowed", async () => {
    const backend = await open("127.0.0.1", "?sslmode=allow", true);
    expect(await backend.fetch("t")).toBeUndefined();
    expect(front).toMatchObject({ plain: 1 });
    expect(front.encrypted).toBeGreaterThan(0);
  });
});
