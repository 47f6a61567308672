/**
 * Loads MongoDB's driver when it is first needed, from where this package stands.
 * @module
 */
import { ConfigError } from "@celeriac/core/errors";

export type MongoDriver = Pick<typeof import("mongodb"), "MongoClient">;

/** Imports a package by name; replaced in tests. */
export type ImportPackage = (name: string) => Promise<unknown>;

const importPackage: ImportPackage = (name) => import(name);

/** @throws ConfigError naming the package to install. */
export async function loadDriver(load: ImportPackage = importPackage): Promise<MongoDriver> {
  try {
    const driver = await load("mongodb");
    if (!isDriver(driver)) throw new TypeError("it exports no MongoClient");
    return driver;
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
    const message = `results in MongoDB need the package mongodb: npm install mongodb@7 (${reason}).`;
    throw new ConfigError([{ key: "result_backend", message }]);
  }
}

function isDriver(module: unknown): module is MongoDriver {
  return (
    typeof module === "object" && module !== null && "MongoClient" in module && typeof module.MongoClient === "function"
  );
}
