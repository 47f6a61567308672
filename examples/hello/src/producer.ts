import { add, app, greet } from "./tasks.js";

const handle = await add.delay(2, 3); // the broker has it
console.log("2 + 3 =", await handle.get({ timeout: "10s" })); // a worker has run it
console.log(await greet.delay("newcomer").get({ timeout: "10s" }));
await app.close();
