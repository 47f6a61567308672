import type { App, AppConfig, Broker, Message, ResultBackend, ResultRecord, Route } from "@celeriac/core";
import { createApp, decodeJson, encodeException } from "@celeriac/core";
import { createMemoryResults } from "../../src/eager/memory-results.js";

/** An app whose messages go nowhere, and whose results are what the test stores. */
export interface RecordingApp {
  readonly app: App;
  readonly sent: readonly { readonly message: Message; readonly route: Route }[];
  /** Control messages. */
  readonly broadcasts: readonly unknown[];
  /** What was asked of the chord store: `size <group> <size>`. */
  readonly chords: readonly string[];
  /** Watches that are open. */
  readonly watching: () => number;
  succeed(id: string, value: unknown, children?: ResultRecord["children"]): Promise<void>;
  fail(id: string, error: Error): Promise<void>;
}

export interface RecordingOptions {
  readonly config?: AppConfig;
  readonly backend?: "counting" | "looking" | "refusing" | "none";
  /** Fails instead of taking a message. */
  readonly publish?: () => Promise<void>;
}

export function recordingApp(options: RecordingOptions = {}): RecordingApp {
  const { config = {}, backend: kind = "counting", publish = async () => undefined } = options;
  const sent: { readonly message: Message; readonly route: Route }[] = [];
  const broadcasts: unknown[] = [];
  const chords: string[] = [];
  let open = 0;
  const results = createMemoryResults();
  const backend: ResultBackend = {
    ...results,
    watcher: {
      async watch(id, onMeta) {
        const watch = await results.watcher.watch(id, onMeta);
        open += 1;
        return {
          async [Symbol.asyncDispose](): Promise<void> {
            open -= 1;
            await watch[Symbol.asyncDispose]();
          },
        };
      },
    },
    ...(kind === "refusing" ? { refusesChords: "replies go to one client only." } : {}),
    ...(kind === "counting"
      ? {
          chords: {
            setSize: async (group: string, size: number) => void chords.push(`size ${group} ${size}`),
            extend: async () => undefined,
            addPart: async () => ({ kind: "waiting" as const }),
            close: async () => undefined,
          },
        }
      : {}),
  };
  const app = createApp("recording", {
    broker: recordingBroker(async (message, route) => {
      await publish();
      sent.push({ message, route });
    }, broadcasts),
    ...(kind === "none" ? {} : { backend }),
    logger: silent,
    ...config,
  });
  const store = (taskId: string, status: string, result: unknown, children: ResultRecord["children"]): Promise<void> =>
    results.store({ taskId, status, result: JSON.stringify(result), traceback: null, children, dateDoneMs: 1 });
  return {
    app,
    sent,
    broadcasts,
    chords,
    watching: () => open,
    succeed: (id, value, children = null) => store(id, "SUCCESS", value, children),
    fail: (id, error) => store(id, "FAILURE", encodeException(error), null),
  };
}

function recordingBroker(publish: (message: Message, route: Route) => Promise<void>, broadcasts: unknown[]): Broker {
  const refuse = async (): Promise<never> => {
    throw new Error("this broker takes messages only");
  };
  return {
    description: { transport: "recording", hostname: "localhost", virtualHost: "/" },
    publish,
    publishMany: refuse,
    consume: refuse,
    queues: { declare: refuse, length: refuse, purge: refuse, delete: refuse },
    deadLetters: { add: refuse, list: refuse, count: refuse, remove: refuse },
    fanout: {
      async broadcast({ body }, exchange) {
        broadcasts.push([exchange, decodeJson(new TextDecoder().decode(body))]);
      },
      listen: refuse,
    },
    async [Symbol.asyncDispose](): Promise<void> {},
  };
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
