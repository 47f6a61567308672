/**
 * `ssl_ca` and its like, as SQLAlchemy takes them for MySQL, in terms of the driver.
 * @module
 */
import { isIP } from "node:net";
import type { TlsOptions } from "./postgres-tls.js";
import { presentOf } from "./present-of.js";
import { refuseUrl, type UrlQuery } from "./url-query.js";

/**
 * The server's certificate is checked, and that it is of this host, unless `ssl_check_hostname` is false.
 * @throws ConfigError for a host whose name cannot be checked.
 */
export function planMysqlTls(query: UrlQuery, host: string | undefined): TlsOptions | undefined {
  const files = presentOf({ ca: query.file("ssl_ca"), cert: query.file("ssl_cert"), key: query.file("ssl_key") });
  const verifyIdentity = query.flag("ssl_check_hostname") ?? true;
  if (Object.keys(files).length === 0) return undefined;
  // For an address the driver would look for the name "localhost" in the certificate.
  if (verifyIdentity && host !== undefined && isIP(host) !== 0) {
    const message = `the host ${host} is an address, which cannot be checked against a certificate here.`;
    throw refuseUrl(`${message} Write its name, or "ssl_check_hostname=false".`);
  }
  return { ...files, rejectUnauthorized: true, verifyIdentity };
}
