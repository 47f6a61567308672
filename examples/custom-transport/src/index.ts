export { postgresBroker, postgresTransport } from "./postgres-broker.js";
