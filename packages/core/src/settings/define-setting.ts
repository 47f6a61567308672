import type { Setting, SettingType } from "./setting.js";

type Extra = Partial<Pick<Setting<unknown>, "unit" | "min" | "max" | "old" | "secret" | "use">>;
type NullOf<D> = Extract<D, null>;
type Row<K extends SettingType, T> = Setting<T> & { readonly type: K };

function row<K extends SettingType, T>(type: K, fallback: T, extra: object): Row<K, T> {
  // The conditional type of `nullable` cannot be followed for a generic T; a default of null is what makes it true.
  return { type, default: fallback, nullable: fallback === null, use: "used", ...extra } as Row<K, T>;
}

/** Lets `null` stand for "no limit" or "none" beside a default that is not null. */
export function orNull<K extends SettingType, T>(setting: Row<K, T>): Row<K, T | null> {
  return { ...setting, nullable: true } as Row<K, T | null>; // see row()
}

export function flag<D extends boolean | null>(fallback: D, extra: Extra = {}): Row<"boolean", boolean | NullOf<D>> {
  return row<"boolean", boolean | NullOf<D>>("boolean", fallback as boolean | NullOf<D>, extra);
}

export function text<D extends string | null>(fallback: D, extra: Extra = {}): Row<"string", string | NullOf<D>> {
  return row<"string", string | NullOf<D>>("string", fallback as string | NullOf<D>, extra);
}

export function url(extra: Extra = {}): Row<"url", string | null> {
  return row<"url", string | null>("url", null, extra);
}

/** One address, or several to fail over between. */
export function urls(extra: Extra = {}): Row<"urls", string | readonly string[] | null> {
  return row<"urls", string | readonly string[] | null>("urls", null, extra);
}

export function integer<D extends number | null>(fallback: D, extra: Extra = {}): Row<"integer", number | NullOf<D>> {
  return row<"integer", number | NullOf<D>>("integer", fallback as number | NullOf<D>, { min: 0, ...extra });
}

export function decimal<D extends number | null>(fallback: D, extra: Extra = {}): Row<"number", number | NullOf<D>> {
  return row<"number", number | NullOf<D>>("number", fallback as number | NullOf<D>, { min: 0, ...extra });
}

export function seconds<D extends number | null>(fallback: D, extra: Extra = {}): Row<"seconds", number | NullOf<D>> {
  const defaults = { unit: "seconds", min: 0, ...extra };
  return row<"seconds", number | NullOf<D>>("seconds", fallback as number | NullOf<D>, defaults);
}

export function list<D extends readonly string[] | null>(
  fallback: D,
  extra: Extra = {},
): Row<"list", readonly string[] | NullOf<D>> {
  return row<"list", readonly string[] | NullOf<D>>("list", fallback as readonly string[] | NullOf<D>, extra);
}

/** A record whose inside belongs to a driver or an adapter and is handed on as it is. */
export type OpenRecord = Readonly<Record<string, unknown>>;

export function record<D extends OpenRecord | null>(
  fallback: D,
  extra: Extra = {},
): Row<"record", OpenRecord | NullOf<D>> {
  return row<"record", OpenRecord | NullOf<D>>("record", fallback as OpenRecord | NullOf<D>, extra);
}

export function choice<const V extends readonly (string | number)[]>(
  values: V,
  fallback: V[number],
  extra: Extra = {},
): Row<"choice", V[number]> {
  return row<"choice", V[number]>("choice", fallback, { values, ...extra });
}

/** A row of one of the types that only a few settings have. */
export function special<T, K extends SettingType>(type: K, fallback: T, extra: Extra = {}): Row<K, T> {
  return row<K, T>(type, fallback, extra);
}
