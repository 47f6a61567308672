/**
 * Tasks of the suite that other tasks of it send. Untyped where the suite is: it adds text and numbers alike.
 * @module
 */
import type { Contract } from "@celeriac/core";
import { contract } from "@celeriac/core";

/** Module of the suite's tasks, which all their names begin with. */
export const PREFIX = "t.integration.tasks";

export const ADD: Contract<[x: unknown, y: unknown], unknown> = contract(`${PREFIX}.add`);
export const IDENTITY: Contract<[x: unknown], unknown> = contract(`${PREFIX}.identity`);
export const TSUM: Contract<[nums: readonly unknown[]], number> = contract(`${PREFIX}.tsum`);
export const FAIL: Contract<unknown[], never> = contract(`${PREFIX}.fail`);
export const RAISE_ERROR: Contract<unknown[], never> = contract(`${PREFIX}.raise_error`);
export const REDIS_ECHO: Contract<[message: unknown], null> = contract(`${PREFIX}.redis_echo`);
export const REPLACED_WITH_ME: Contract<[], boolean> = contract(`${PREFIX}.replaced_with_me`);
export const SECOND_ORDER_1: Contract<[state: boolean], null> = contract(`${PREFIX}.second_order_replace1`);
export const SECOND_ORDER_2: Contract<[state: boolean], null> = contract(`${PREFIX}.second_order_replace2`);
