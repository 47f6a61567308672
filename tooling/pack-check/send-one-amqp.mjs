/** What a user of RabbitMQ writes first: sends one task through the packages as published. Copied into an empty project. */
import { amqpBroker } from "@celeriac/broker-amqp";
import { createApp } from "@celeriac/core";

const app = createApp("pack", { broker: amqpBroker(process.env.CELERIAC_AMQP_URL) });
await app.send("pack.hello", [1]);
await app.close();
