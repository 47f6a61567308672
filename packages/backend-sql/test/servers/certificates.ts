/** Certificates for one run, of an authority that nobody knows. Needs openssl. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const hasOpenssl: boolean = spawnSync("openssl", ["version"]).status === 0;

export interface Certificates extends Disposable {
  readonly caFile: string;
  /** Of an authority that has signed nothing. */
  readonly otherCaFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A server's certificate for the name localhost. */
export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "celeriac-tls-"));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync("openssl", args, { stdio: "ignore" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  for (const name of ["ca", "other"]) {
    const subject = ["-days", "2", "-subj", `/CN=${name}`];
    openssl("req", "-x509", ...newKey, "-keyout", file(`${name}.key`), "-out", file(`${name}.pem`), ...subject);
  }
  openssl("req", ...newKey, "-keyout", file("s.key"), "-out", file("s.csr"), "-subj", "/CN=server");
  writeFileSync(file("s.ext"), "subjectAltName=DNS:localhost\n");
  const signer = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"];
  const request = ["-req", "-in", file("s.csr"), "-out", file("s.pem"), "-extfile", file("s.ext"), "-days", "2"];
  openssl("x509", ...request, ...signer);
  return {
    ...{ caFile: file("ca.pem"), otherCaFile: file("other.pem"), certFile: file("s.pem"), keyFile: file("s.key") },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
