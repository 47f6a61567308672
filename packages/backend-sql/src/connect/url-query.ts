import { readFileSync } from "node:fs";
import { ConfigError } from "@celeriac/core/errors";

/** The parameters of a URL, each taken once, so that what is left over is known to be a mistake. */
export class UrlQuery {
  readonly #left: Map<string, string>;

  constructor(query: Readonly<Record<string, string>>) {
    this.#left = new Map(Object.entries(query));
  }

  take(name: string): string | undefined {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value;
  }

  /** Does not count as taken. */
  peek(name: string): string | undefined {
    return this.#left.get(name);
  }

  /** In the words that SQLAlchemy takes. */
  flag(name: string): boolean | undefined {
    const text = this.take(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (["true", "yes", "on", "y", "t", "1"].includes(text)) return true;
    if (["false", "no", "off", "n", "f", "0"].includes(text)) return false;
    throw refuseUrl(`"${name}" is "${text}"; it must be true or false.`);
  }

  number(name: string): number | undefined {
    const text = this.take(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (!Number.isFinite(number) || number < 0) throw refuseUrl(`"${name}" is "${text}"; it must be a number.`);
    return number;
  }

  /** The contents of the file that is named. */
  file(name: string): string | undefined {
    const path = this.take(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw refuseUrl(`"${name}" cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }

  /** Parameters of Python's drivers that mean nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#left.delete(name);
  }

  end(): void {
    const unknown = [...this.#left.keys()].map((name) => `"${name}"`).join(", ");
    if (unknown !== "") throw refuseUrl(`the parameters ${unknown} of the URL mean nothing here.`);
  }
}

/** The error of a URL that means nothing. */
export function refuseUrl(message: string): ConfigError {
  return new ConfigError([{ key: "result_backend", message }]);
}
