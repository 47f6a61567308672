import { memoryBackend } from "@celeriac/backend-memory";
import { memoryBroker } from "@celeriac/broker-memory";
import { createApp } from "@celeriac/core";

const app = createApp("shop", { broker: memoryBroker(), backend: memoryBackend(), taskAlwaysEager: true });

const total = app.task("shop.total", (prices: number[]) => prices.reduce((sum, price) => sum + price, 0));
const vat = app.task("shop.vat", { params: ["net"] }, (net: number) => Math.round(net * 1.2));

const handle = await total.call([[10, 20]], { link: vat.s() }); // run here and now, because of taskAlwaysEager
console.log("total", await handle.get());
console.log("with tax", await vat(30)); // a task is still a function
await app.close();
