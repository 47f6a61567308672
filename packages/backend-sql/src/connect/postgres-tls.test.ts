import { describe, expect, it } from "vitest";
import { planMysqlTls } from "./mysql-tls.js";
import { planPostgresTls } from "./postgres-tls.js";
import { UrlQuery } from "./url-query.js";

/** Any file will do for a certificate that nobody reads. */
const FILE = new URL(import.meta.url).pathname;
const postgres = (query: Readonly<Record<string, string>>, host?: string) => planPostgresTls(new UrlQuery(query), host);
const mysql = (query: Readonly<Record<string, string>>, host?: string) => planMysqlTls(new UrlQuery(query), host);
const CHECKED = { rejectUnauthorized: true };
const ANYBODY = { rejectUnauthorized: false };

describe("TLS of PostgreSQL", () => {
  it.each([
    [{}, [ANYBODY, false]],
    [{ sslmode: "disable" }, [false]],
    [{ sslmode: "allow" }, [false, ANYBODY]],
    [{ sslmode: "prefer" }, [ANYBODY, false]],
    [{ sslmode: "require" }, [ANYBODY]],
    [{ sslmode: "verify-full" }, [CHECKED]],
    [{ sslrootcert: "system" }, [CHECKED]],
    [{ sslmode: "verify-ca", sslrootcert: FILE }, [CHECKED]],
    [{ sslmode: "require", sslrootcert: FILE }, [CHECKED]],
    [{ sslrootcert: FILE }, [CHECKED]],
  ])("with %j is tried as %j", (query, tries) => {
    expect(postgres(query).tries).toMatchObject(tries);
  });

  it("checks the name of the host in one mode only", () => {
    expect(postgres({ sslmode: "verify-full", sslrootcert: FILE }).tries[0]).not.toHaveProperty("checkServerIdentity");
    expect(postgres({ sslmode: "verify-ca", sslrootcert: FILE }).tries[0]).toHaveProperty("checkServerIdentity");
  });

  it.each([
    [{ sslmode: "verify_full" }, /"sslmode" is "verify_full".*verify-full/],
    [{ sslmode: "VERIFY-FULL" }, /"sslmode" is "VERIFY-FULL".*verify-full/],
    [{ sslmode: "verify-ca" }, /needs "sslrootcert"/],
    [{ sslmode: "require", sslrootcert: "system" }, /needs sslmode=verify-full/],
    [{ sslrootcert: "/no/such/file" }, /"sslrootcert" cannot be read/],
  ])("with %j is refused", (query, message) => {
    expect(() => postgres(query)).toThrow(message);
  });

  it("that checks nothing is warned of", () => {
    expect(postgres({ sslmode: "require" }).warning).toMatch(/not checked/);
    expect(postgres({ sslmode: "prefer", sslrootcert: FILE }).warning).toMatch(/sslrootcert checks nothing/);
    expect(postgres({}).warning).toBeUndefined();
  });

  it("there is none on a socket of this machine", () => {
    expect(postgres({ sslmode: "require" }, "/run/postgresql")).toEqual({ tries: [false] });
  });
});

describe("TLS of MySQL", () => {
  it("checks the certificate and the name of the host, unless told not to", () => {
    expect(mysql({}, "db.example")).toBeUndefined();
    expect(mysql({ ssl_ca: FILE }, "db.example")).toMatchObject({ ...CHECKED, verifyIdentity: true });
    expect(mysql({ ssl_ca: FILE, ssl_check_hostname: "false" }, "127.0.0.1")).toMatchObject({ verifyIdentity: false });
  });

  it("refuses what it could not check", () => {
    expect(() => mysql({ ssl_ca: FILE }, "127.0.0.1")).toThrow(/ssl_check_hostname=false/);
    expect(() => mysql({ ssl_ca: FILE, ssl_check_hostname: "maybe" }, "h")).toThrow(/true or false/);
  });
});
