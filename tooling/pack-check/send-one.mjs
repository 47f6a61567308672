/** What a user writes first: sends one task through the packages as published. Copied into an empty project. */
import { redisBroker } from "@celeriac/broker-redis";
import { createApp } from "@celeriac/core";

const app = createApp("pack", { broker: redisBroker(process.env.CELERIAC_REDIS_URL) });
await app.send("pack.hello", [1]);
await app.close();
