// @ts-check
import { pythonService } from "./python/python-service.mjs";
import { redisService } from "./redis/redis-service.mjs";

/** @type {readonly import("./service.mjs").Service[]} */
export const services = [redisService, pythonService];
