import { ConfigError, type ConfigIssue } from "../errors/config-error.js";
import type { Route } from "../ports/queue.js";
import type { Settings } from "../settings/settings.js";
import { createDestinations, type Destination } from "./destination.js";
import { type PreparedRouter, prepareRoutes } from "./prepare-routes.js";
import { type QueueSettings, type QueueTable, resolveQueues } from "./resolve-queues.js";
import { type ParsedRoute, parseRoute } from "./route-spec.js";
import { queueNotFoundMessage, RouteError } from "./routing-error.js";
import type { RoutingOptions } from "./routing-options.js";

export interface RoutableCall<O extends RoutingOptions = RoutingOptions> {
  readonly name: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Options of the call and of the task's definition, those of the call first; they win over routes. */
  readonly options?: O;
  /** Handed to route functions. */
  readonly task?: unknown;
}

export interface RoutedCall<O extends RoutingOptions = RoutingOptions> {
  readonly route: Route;
  /** Of the call, else of the route. `taskDefaultPriority` and a parent's are not looked at. */
  readonly priority?: number;
  /** Of the call, else the route, else the queue's exchange, else `taskDefaultDeliveryMode`. */
  readonly deliveryMode: 1 | 2;
  /** The call's options over whatever else the route says (`serializer`, `expires`...). */
  readonly options: O;
}

export interface Router {
  /**
   * Decides where a call goes, as Celery does: the first router with an answer wins; what the call says wins over it member by
   * member, so a call's queue does not undo a route's exchange and routing key.
   * @throws QueueNotFound, RouteError.
   */
  route<O extends RoutingOptions = RoutingOptions>(call: RoutableCall<O>): RoutedCall<O>;
  readonly queues: QueueTable;
}

/** Task names may come from data; beyond this many the memory of routes starts anew. */
const MAX_REMEMBERED = 10_000;

/** Everything known for a task name when the call adds nothing. */
interface Remembered {
  /** Answer of the tables in front of the first function. */
  readonly parsed: ParsedRoute | undefined;
  /** Whether functions must be asked on each call. */
  readonly isOpen: boolean;
  /** Made when first needed: a call may complete a route that leads nowhere by itself. */
  plain: RoutedCall | undefined;
}

/**
 * @throws ConfigError for everything wrong in `taskQueues` or `taskRoutes`, including routes to queues that may not be created.
 * @see celery/app/routes.py `Router`; celery/app/amqp.py `send_task_message`.
 */
export function createRouter(
  settings: QueueSettings & Pick<Settings, "taskRoutes" | "taskDefaultDeliveryMode">,
): Router {
  const queues = resolveQueues(settings);
  const routers = prepareRoutes(settings.taskRoutes);
  checkQueues(routers, queues);
  const destinationOf = createDestinations(queues, settings);
  const firstFunction = routers.findIndex((router) => router.kind === "function");
  const fixed = firstFunction === -1 ? routers : routers.slice(0, firstFunction);
  const open = firstFunction === -1 ? [] : routers.slice(firstFunction);
  const remembered = new Map<string, Remembered>();

  function recall(name: string): Remembered {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const parsed = findFixed(fixed, name);
    const isOpen = parsed === undefined && open.length > 0;
    const fresh: Remembered = { parsed, isOpen, plain: undefined };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(name, fresh);
    return fresh;
  }

  return {
    queues,
    route<O extends RoutingOptions>(call: RoutableCall<O>): RoutedCall<O> {
      const { options } = call;
      const known = recall(call.name);
      if (!known.isOpen && (options === undefined || !hasDestination(options))) {
        known.plain ??= Object.freeze(compose(destinationOf(known.parsed, undefined), known.parsed, {}));
        // With no options O is the empty record that `plain` was made with.
        return options === undefined ? (known.plain as RoutedCall<O>) : overlay(known.plain, options, known.parsed);
      }
      const parsed = known.isOpen ? ask(open, call) : known.parsed;
      return compose(destinationOf(parsed, options), parsed, options ?? ({} as O)); // see above
    },
  };
}

function findFixed(routers: readonly PreparedRouter[], name: string): ParsedRoute | undefined {
  for (const router of routers) {
    const parsed = router.kind === "table" ? router.find(name) : undefined;
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

function ask(routers: readonly PreparedRouter[], call: RoutableCall): ParsedRoute | undefined {
  for (const router of routers) {
    if (router.kind === "table") {
      const parsed = router.find(call.name);
      if (parsed !== undefined) return parsed;
      continue;
    }
    const answer = router.decide(call.name, call.args ?? [], call.kwargs ?? {}, { ...call.options }, call.task);
    if (answer === null || answer === undefined) continue;
    const parsed = parseRoute(answer);
    if (typeof parsed !== "string") return parsed;
    const who = router.decide.name || "The route function";
    throw new RouteError(`${who} gave a wrong route for task ${JSON.stringify(call.name)}: it ${parsed}`);
  }
  return undefined;
}

function hasDestination(options: RoutingOptions): boolean {
  return (
    (options.queue ?? options.exchange ?? options.routingKey ?? options.routing_key ?? null) !== null ||
    (options.exchangeType ?? options.exchange_type ?? null) !== null
  );
}

function overlay<O extends RoutingOptions>(
  plain: RoutedCall,
  options: O,
  parsed: ParsedRoute | undefined,
): RoutedCall<O> {
  const priority = options.priority ?? plain.priority;
  return {
    route: plain.route,
    deliveryMode: options.deliveryMode ?? options.delivery_mode ?? plain.deliveryMode,
    ...(priority === undefined ? {} : { priority }),
    options: merge(parsed?.extra, options),
  };
}

function compose<O extends RoutingOptions>(
  destination: Destination,
  parsed: ParsedRoute | undefined,
  options: O,
): RoutedCall<O> {
  const priority = options.priority ?? parsed?.priority;
  return {
    route: destination.route,
    deliveryMode: options.deliveryMode ?? options.delivery_mode ?? parsed?.deliveryMode ?? destination.deliveryMode,
    ...(priority === undefined ? {} : { priority }),
    options: merge(parsed?.extra, options),
  };
}

function merge<O extends object>(extra: Readonly<Record<string, unknown>> | undefined, options: O): O {
  if (extra === undefined) return options;
  const merged: Record<string, unknown> = { ...extra };
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined && value !== null) merged[key] = value;
  }
  // A route's further members are call options by contract; the caller checks those it reads.
  return merged as O;
}

function checkQueues(routers: readonly PreparedRouter[], queues: QueueTable): void {
  const issues: ConfigIssue[] = [];
  for (const router of routers) {
    if (router.kind !== "table") continue;
    for (const [key, { queue }] of router.routes) {
      if (typeof queue !== "string" || queues.allows(queue)) continue;
      issues.push({
        key,
        message: queueNotFoundMessage(
          queue,
          queues.declared.map(({ name }) => name),
        ),
      });
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
}
