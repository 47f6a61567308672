import { defineConfig, mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.js";

/** One RabbitMQ for all files, one file at a time: some of them make the whole server stop for a while. */
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      globalSetup: ["../amqp-connection/test/start-rabbit.ts"],
      fileParallelism: false,
      isolate: false,
      maxConcurrency: 8,
    },
  }),
);
