/** Certificates for one run: an authority, a server for 127.0.0.1 and localhost, and clients. Needs openssl. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const hasOpenssl: boolean = spawnSync("openssl", ["version"]).status === 0;

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** @param names - `subjectAltName` of a server. */
export function createAuthority(folder: string, name: string) {
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  const openssl = (...args: readonly string[]): void => {
    execFileSync("openssl", args, { stdio: "ignore" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", file("key"), "-out", file("pem"), "-days", "2", "-subj", `/CN=${name}`);
  return {
    caFile: file("pem"),
    issue(commonName: string, names?: string): Certificate {
      const path = (ending: string): string => join(folder, `${name}-${commonName}.${ending}`);
      openssl("req", ...newKey, "-keyout", path("key"), "-out", path("csr"), "-subj", `/CN=${commonName}`);
      writeFileSync(path("ext"), names === undefined ? "basicConstraints=CA:FALSE\n" : `subjectAltName=${names}\n`);
      const signer = ["-CA", file("pem"), "-CAkey", file("key"), "-CAcreateserial"];
      openssl(
        "x509",
        "-req",
        "-in",
        path("csr"),
        ...signer,
        "-out",
        path("pem"),
        "-days",
        "2",
        "-extfile",
        path("ext"),
      );
      return { certFile: path("pem"), keyFile: path("key") };
    },
  };
}
