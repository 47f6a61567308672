import { filesystemBackend } from "@celeriac/backend-filesystem";
import { filesystemBroker } from "@celeriac/broker-filesystem";
import { createApp } from "@celeriac/core";

const folder = process.env.HELLO_FOLDER ?? "/tmp/celeriac-hello";

export const app = createApp("hello", {
  broker: filesystemBroker({ folder }),
  backend: filesystemBackend({ folder: `${folder}/results` }),
});

export const add = app.task("hello.add", (x: number, y: number) => x + y);
export const greet = app.task("hello.greet", async (name: string) => `Hello, ${name}!`);
