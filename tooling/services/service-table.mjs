// @ts-check
import { mariadbService } from "./mariadb/mariadb-service.mjs";
import { mongoService } from "./mongo/mongo-service.mjs";
import { postgresService } from "./postgres/postgres-service.mjs";
import { pythonService } from "./python/python-service.mjs";
import { rabbitmqService } from "./rabbitmq/rabbitmq-service.mjs";
import { redisService } from "./redis/redis-service.mjs";

/** @type {readonly import("./service.mjs").Service[]} */
export const services = [redisService, rabbitmqService, postgresService, mariadbService, mongoService, pythonService];
