import { ConfigError } from "../errors/config-error.js";
import { brotliCompression, zlibCompression } from "./compression-zlib.js";
import { showValue } from "./shape.js";

/** Shrinks a serialized body; named by the message header `compression`. PROTOCOL 4.7. */
export interface Compression {
  /** As in `task_compression`: `zlib`. */
  readonly name: string;
  /** Other names for it, in settings and in the header. */
  readonly aliases: readonly string[];
  /** The header's value when we send: `application/x-gzip`. */
  readonly header: string;
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * Never produces more than `maxBytes`: it stops while inflating, so a bomb costs no more memory than that.
   * @throws DecodeError `E_COMPRESSION` for corrupt or too large content.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

/** Smaller bodies are left alone: what is saved would not even make a packet less on the network. */
export const SMALLEST_BYTES = 1024;

/** Compressed bytes, or `undefined` for what is shorter than 1,024 bytes or does not shrink. */
export function compressWhenWorthwhile(compression: Compression, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < SMALLEST_BYTES) return undefined;
  const compressed = compression.compress(bytes);
  return compressed.length < bytes.length ? compressed : undefined;
}

/** The compressions of one app. */
export interface Compressions {
  /** By name or alias. @throws ConfigError listing the names there are. */
  byName(name: string): Compression;
  /** By the value of the header, which may be a content type, a name or an alias; `undefined` when unknown. */
  byHeader(value: string): Compression | undefined;
}

/** zlib (which Celery also calls gzip), brotli and what is given; a name given again replaces the built-in one. */
export function createCompressions(extra: readonly Compression[] = []): Compressions {
  const known = new Map<string, Compression>();
  for (const compression of [zlibCompression, brotliCompression, ...extra]) {
    for (const key of [compression.name, ...compression.aliases, compression.header]) {
      known.set(key.toLowerCase(), compression);
    }
  }
  const byHeader = (value: string): Compression | undefined => known.get(value.trim().toLowerCase());
  return {
    byHeader,
    byName: (name) => {
      const compression = byHeader(name);
      if (compression !== undefined) return compression;
      const names = [...known.keys()].filter((key) => !key.includes("/"));
      const message = `no compression is named ${showValue(name)}; there are ${names.join(", ")}`;
      throw new ConfigError([{ key: "compression", message }]);
    },
  };
}
