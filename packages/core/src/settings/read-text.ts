import type { Reading } from "./read-setting.js";
import type { AnySetting } from "./setting.js";

const TRUE_WORDS: ReadonlySet<string> = new Set(["true", "yes", "on", "1"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["false", "no", "off", "0"]);
const NULL_WORDS: ReadonlySet<string> = new Set(["none", "null"]);
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * Makes of an environment variable's text a value of the setting's kind; `readSetting` then checks it. What cannot be
 * understood stays text, so that the check names it.
 */
export function readText(setting: AnySetting, raw: string): Reading {
  const text = raw.trim();
  const word = text.toLowerCase();
  if (setting.nullable && NULL_WORDS.has(word)) return { value: null };
  switch (setting.type) {
    case "boolean":
      return { value: readBoolean(word) ?? raw };
    case "integer":
    case "number":
      if (setting.type === "number" && /^inf(?:inity)?$/.test(word)) return { value: Number.POSITIVE_INFINITY };
      return { value: readNumber(text) ?? raw };
    case "choice":
      return { value: setting.values?.some((value) => typeof value === "number") ? (readNumber(text) ?? raw) : text };
    case "owner":
    case "delivery-mode":
      return { value: readNumber(text) ?? text };
    case "list":
      return text.startsWith("[") ? readJson(text) : { value: text.split(",").map((item) => item.trim()) };
    case "urls":
      return text.startsWith("[") ? readJson(text) : { value: text };
    case "tls": {
      const flag = readBoolean(word);
      return flag === undefined ? readJson(text) : { value: flag };
    }
    case "record":
    case "records":
    case "retry-policy":
    case "queues":
    case "routes":
      return readJson(text);
    default:
      return { value: setting.type === "string" ? raw : text };
  }
}

function readBoolean(word: string): boolean | undefined {
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : undefined;
}

/** A leading zero is an octal mask or an id, not a number to round. */
function readNumber(text: string): number | undefined {
  return NUMBER.test(text) && !/^0\d/.test(text) ? Number(text) : undefined;
}

function readJson(text: string): Reading {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // The text itself stays out of the message: it may hold a password.
    return {
      problem: 'must be JSON in an environment variable, like {"name": 1} or ["a", "b"]; its text cannot be parsed.',
    };
  }
}
