import { DecodeError } from "../errors/codec-error.js";
import { ConfigError } from "../errors/config-error.js";
import { decodeUtf8, encodeUtf8 } from "./bytes.js";
import { decodeJson, encodeJson, type JsonOptions } from "./json.js";
import { showValue } from "./shape.js";

/** Turns a task body, result or event into bytes and back. PROTOCOL section 4. */
export interface Serializer {
  /** As in `task_serializer` and `accept_content`: `json`. */
  readonly name: string;
  readonly contentType: string;
  /** `utf-8` or `binary`. */
  readonly contentEncoding: string;
  /** @throws EncodeError naming what cannot be carried. */
  encode(value: unknown): Uint8Array;
  /** @param contentEncoding - As the message says it. @throws DecodeError `E_BODY`, `E_NUMBER` */
  decode(body: Uint8Array, contentEncoding: string): unknown;
}

/** The serializers of one app. */
export interface Serializers {
  /** @throws ConfigError listing the names there are. */
  byName(name: string): Serializer;
  /** `undefined` when nobody reads that type; parameters and letter case do not count. */
  byContentType(contentType: string): Serializer | undefined;
  /**
   * The content types behind `accept_content`, whose entries are names or content types.
   * @throws ConfigError for a name that no serializer has.
   */
  accept(names: readonly string[]): ReadonlySet<string>;
}

const pickleType = "application/x-python-serialize";
const textEncodings: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii", "ascii", "binary", ""]);

/** A JSON serializer with other options, for `createSerializers`: `typed: "text"` for kombu before 5.3, more types. */
export function createJsonSerializer(options: JsonOptions = {}): Serializer {
  return {
    name: "json",
    contentType: "application/json",
    contentEncoding: "utf-8",
    encode: (value) => encodeUtf8(encodeJson(value, options)),
    decode: (body, contentEncoding) => decodeJson(textOf(body, contentEncoding), options),
  };
}

/** Celery's default. */
export const jsonSerializer: Serializer = createJsonSerializer();

/**
 * JSON and what is given; a serializer named `json` replaces the built-in one.
 * @throws ConfigError for pickle: reading it runs code from the message, so there is no mode in which we do.
 */
export function createSerializers(extra: readonly Serializer[] = []): Serializers {
  const named = new Map<string, Serializer>();
  const typed = new Map<string, Serializer>();
  for (const serializer of [jsonSerializer, ...extra]) {
    if (serializer.name === "pickle" || essence(serializer.contentType) === pickleType) {
      throw problem("serializers", "pickle runs code out of messages and is never supported; use json or msgpack");
    }
    named.set(serializer.name, serializer);
    typed.set(essence(serializer.contentType), serializer);
  }
  const byName = (name: string): Serializer => {
    const serializer = named.get(name);
    if (serializer !== undefined) return serializer;
    throw problem("serializer", `no serializer is named ${showValue(name)}; there are ${[...named.keys()].join(", ")}`);
  };
  return {
    byName,
    byContentType: (contentType) => typed.get(essence(contentType)),
    accept: (names) => new Set(names.map((name) => (name.includes("/") ? essence(name) : byName(name).contentType))),
  };
}

/** A content type without parameters, in lower case. */
export function essence(contentType: string): string {
  const end = contentType.indexOf(";");
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

function textOf(body: Uint8Array, contentEncoding: string): string {
  if (!textEncodings.has(contentEncoding.toLowerCase())) {
    throw new DecodeError(`JSON is read as UTF-8, but the content encoding is ${showValue(contentEncoding)}.`, {
      code: "E_BODY",
    });
  }
  const text = decodeUtf8(body);
  if (text === undefined) throw new DecodeError("The body is not valid UTF-8.", { code: "E_BODY" });
  return text;
}

function problem(key: string, message: string): ConfigError {
  return new ConfigError([{ key, message }]);
}
