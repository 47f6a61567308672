import type { Exchange, ExchangeType, Queue } from "../ports/queue.js";

/** Where a task goes. Every key is also accepted in Celery's snake_case; other keys become call options. */
export interface RouteSpec {
  readonly queue?: string | Queue | undefined;
  readonly exchange?: string | Exchange | undefined;
  readonly exchangeType?: ExchangeType | undefined;
  readonly routingKey?: string | undefined;
  readonly priority?: number | undefined;
  /** 1 keeps the message in memory only, 2 stores it. */
  readonly deliveryMode?: 1 | 2 | undefined;
  readonly [option: string]: unknown;
}

/** Decides per call. `null` or `undefined` leaves it to the next router; a text names a queue. */
export type RouteFunction = (
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
  task: unknown,
) => RouteSpec | string | null | undefined;

/** `[pattern, route]`: an exact task name, a glob (it contains `*`), or a RegExp that must match from the name's start. */
export type RoutePair = readonly [RegExp | string, RouteSpec | string];

/** One router: a table by name or pattern, or a function. */
export type RouterSetting =
  | Readonly<Record<string, RouteSpec | string>>
  | ReadonlyMap<RegExp | string, RouteSpec | string>
  | readonly RoutePair[]
  | RouteFunction;

/** Values of `taskRoutes`: one router, or several of which the first with an answer wins. */
export type RoutesSetting = RouterSetting | readonly RouterSetting[];
