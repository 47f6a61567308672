/**
 * Reads a URL as Celery takes it, `mongodb://user:password@host:port,host2/database?option=value` or `mongodb+srv://...`.
 * @module
 */
import { ConfigError } from "@celeriac/core/errors";

/** Where to connect, as `mongodb_backend_settings` says it; counts more than the URL. */
export interface MongoPlace {
  readonly hosts: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** A server, as a URL names it. */
export interface MongoTarget {
  /** For the driver. */
  readonly url: string;
  readonly hosts: string;
  readonly database: string | undefined;
  /** Names of the options in it, in lower case. */
  readonly options: ReadonlySet<string>;
}

/** Every scheme that `mongoBackend.fromUrl` takes, without `://`. */
export const MONGO_SCHEMES: readonly string[] = ["mongodb", "mongodb+srv"];

const FORM = /^(mongodb(?:\+srv)?):\/\/(?:([^@/?]*)@)?([^@/?#]*)(?:\/([^?/]*))?(?:\?(.*))?$/is;

/** Options of Python's driver alone: about Python objects, or about what this driver does anyway. */
const PYTHON_ONLY: ReadonlySet<string> = new Set([
  ...["uuidrepresentation", "tz_aware", "tzaware", "tzinfo", "document_class", "unicode_decode_error_handler"],
  ...["connect", "waitqueuemultiple", "socketkeepalive", "type_registry", "server_selector"],
]);

/** @throws ConfigError that names no credentials. */
export function parseMongoUrl(url: string, place: MongoPlace): MongoTarget {
  const match = FORM.exec(url);
  if (match === null) {
    const form = "mongodb://user:password@host:27017,host2:27017/database?option=value";
    throw refusal(`the URL is not of the form ${form}. Write @, :, / and ? in a password as %40, %3A, %2F and %3F.`);
  }
  const [, scheme = "mongodb", credentials, host = "", path = "", query = ""] = match;
  const hosts = place.hosts ?? (host === "" ? "localhost" : host);
  const options = query.split("&").filter((option) => option !== "" && !PYTHON_ONLY.has(nameOf(option)));
  const user = credentials === undefined || place.user !== undefined ? "" : `${credentials}@`;
  const tail = options.length === 0 ? "" : `?${options.join("&")}`;
  return {
    url: `${scheme.toLowerCase()}://${user}${hosts}/${path}${tail}`,
    hosts,
    database: path === "" ? undefined : decoded(path),
    options: new Set(options.map(nameOf)),
  };
}

function nameOf(option: string): string {
  return (option.split("=", 1)[0] ?? "").toLowerCase();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal("the URL has a percent sign that escapes nothing; write it as %25.");
  }
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ key: "result_backend", message }]);
}
