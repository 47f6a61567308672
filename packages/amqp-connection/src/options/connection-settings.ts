import { ConfigError } from "@celeriac/core/errors";
import type { ConnectionSettings } from "@celeriac/core/ports";
import type { AmqpTls } from "../connection/tls-options.js";
import type { AmqpConnectionOptions, LoginMethod } from "./connection-options.js";

const LOGIN_METHODS: readonly string[] = ["PLAIN", "AMQPLAIN", "EXTERNAL"];

/** What `broker_use_ssl` may say, in Python's names and ours. `cert_reqs` is read apart. */
const TLS_NAMES: ReadonlyMap<string, keyof AmqpTls> = new Map<string, keyof AmqpTls>([
  ["ca_certs", "caFile"],
  ["certfile", "certFile"],
  ["keyfile", "keyFile"],
  ["server_hostname", "serverName"],
  ["ca", "ca"],
  ["cert", "cert"],
  ["key", "key"],
]);

/** Celery's settings as options. @throws ConfigError for what has no meaning here. */
export function fromConnectionSettings(settings: ConnectionSettings): AmqpConnectionOptions {
  const { failoverStrategy, heartbeat, timeout, loginMethod, useSsl } = settings;
  return {
    failoverStrategy,
    heartbeat: heartbeat ?? 0,
    ...(timeout === null || timeout === 0 ? {} : { connectTimeout: timeout }),
    ...(loginMethod === null ? {} : { loginMethod: readLoginMethod(loginMethod) }),
    ...(useSsl === false ? {} : { tls: useSsl === true ? {} : readTls(useSsl) }),
  };
}

function readLoginMethod(name: string): LoginMethod {
  if (LOGIN_METHODS.includes(name)) return name as LoginMethod; // one of the three
  const message = `is "${name}"; RabbitMQ is told who we are by ${LOGIN_METHODS.join(", ")}.`;
  throw new ConfigError([{ key: "brokerLoginMethod", message }]);
}

function readTls(given: Readonly<Record<string, unknown>>): AmqpTls {
  const tls: Record<string, string | boolean> = {};
  const issues = [];
  for (const [name, value] of Object.entries(given)) {
    const ours = TLS_NAMES.get(name);
    if (name === "cert_reqs") tls.verify = !isNoneOf(value);
    else if (name === "check_hostname") tls.checkHostname = value !== false;
    else if (ours !== undefined && typeof value === "string") tls[ours] = value;
    else {
      const known = ["cert_reqs", "check_hostname", ...TLS_NAMES.keys()].join(", ");
      issues.push({ key: `brokerUseSsl.${name}`, message: `is not understood. Known: ${known}.` });
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return tls;
}

/** `ssl.CERT_NONE`, as a number or by its name. */
function isNoneOf(value: unknown): boolean {
  return value === 0 || value === "CERT_NONE" || value === "none";
}
