/** Takes messages and puts them back in every way there is, until it is killed. `node claim-loop.mjs URL` */
import { redisBroker } from "../dist/index.js";

const broker = redisBroker(process.argv[2], { visibilityTimeout: 3600 });
const queue = { name: "q", exchange: { name: "q", type: "direct" }, routingKey: "q" };
const consumer = await broker.consume({ queues: [queue], prefetch: 40 });
console.log("started");
let count = 0;
for await (const batch of consumer) {
  for (const delivery of batch) {
    count += 1;
    if (count % 3 === 0) delivery.restore();
    else if (count % 3 === 1) delivery.reject({ requeue: true });
    else broker.parking.park(delivery, Date.now()).then(() => broker.parking.promoteDue());
  }
}
