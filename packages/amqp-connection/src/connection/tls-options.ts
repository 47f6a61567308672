import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { ConfigIssue } from "@celeriac/core/errors";
import { ConfigError } from "@celeriac/core/errors";

/** How TLS is done. Files are read when the connection opens, not before. */
export interface AmqpTls {
  /** Check the server's certificate and name. Default true; false is unsafe and is warned about. */
  readonly verify?: boolean;
  /** Check that the certificate is for this host. Default true. */
  readonly checkHostname?: boolean;
  /** PEM text. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Paths of PEM files; used when the text is absent. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Name the certificate must carry, when it is not the host we dial. */
  readonly serverName?: string;
}

/** @throws ConfigError when a certificate file cannot be read. */
export function tlsOptions(tls: AmqpTls): ConnectionOptions {
  const issues: ConfigIssue[] = [];
  const pem = (name: "ca" | "cert" | "key", given: string | undefined, path: string | undefined): ConnectionOptions => {
    if (given !== undefined) return { [name]: given };
    if (path === undefined) return {};
    try {
      return { [name]: readFileSync(path, "utf8") };
    } catch (error) {
      issues.push({ key: path, message: `cannot be read as TLS ${name}: ${String(error)}` });
      return {};
    }
  };
  const options: ConnectionOptions = {
    ...pem("ca", tls.ca, tls.caFile),
    ...pem("cert", tls.cert, tls.certFile),
    ...pem("key", tls.key, tls.keyFile),
    rejectUnauthorized: tls.verify !== false,
    ...(tls.checkHostname === false ? { checkServerIdentity: () => undefined } : {}),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
  if (issues.length > 0) throw new ConfigError(issues);
  return options;
}
