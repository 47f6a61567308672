import { nearest } from "@celeriac/core";

export type AdapterRole = "broker" | "backend";

/** Packages that an adapter needs, the adapter first. */
export interface AdapterPackages {
  readonly adapter: string;
  /** Client libraries that are installed beside it. */
  readonly clients: readonly string[];
}

interface Row {
  readonly schemes: readonly string[];
  readonly broker?: AdapterPackages;
  readonly backend?: AdapterPackages;
}

const rows: readonly Row[] = [
  {
    schemes: ["redis", "rediss", "redis+socket", "sentinel"],
    broker: { adapter: "@celeriac/broker-redis", clients: ["ioredis"] },
    backend: { adapter: "@celeriac/backend-redis", clients: ["ioredis"] },
  },
  {
    schemes: ["amqp", "amqps", "pyamqp"],
    broker: { adapter: "@celeriac/broker-amqp", clients: ["amqplib"] },
  },
  { schemes: ["rpc"], backend: { adapter: "@celeriac/backend-rpc", clients: ["amqplib"] } },
  {
    schemes: ["mongodb", "mongodb+srv"],
    backend: { adapter: "@celeriac/backend-mongo", clients: ["mongodb"] },
  },
  {
    schemes: ["db+postgresql", "postgresql", "postgres"],
    backend: { adapter: "@celeriac/backend-sql", clients: ["typeorm", "pg"] },
  },
  {
    schemes: ["db+mysql", "mysql", "db+mariadb", "mariadb"],
    backend: { adapter: "@celeriac/backend-sql", clients: ["typeorm", "mysql2"] },
  },
  {
    schemes: ["db+sqlite", "sqlite"],
    backend: { adapter: "@celeriac/backend-sql", clients: ["typeorm", "libsql"] },
  },
  { schemes: ["filesystem"], broker: { adapter: "@celeriac/broker-filesystem", clients: [] } },
  { schemes: ["file"], backend: { adapter: "@celeriac/backend-filesystem", clients: [] } },
  {
    schemes: ["memory"],
    broker: { adapter: "@celeriac/broker-memory", clients: [] },
    backend: { adapter: "@celeriac/backend-memory", clients: [] },
  },
];

/** The packages behind a scheme, `undefined` when Celeriac has none. */
export function packagesFor(role: AdapterRole, scheme: string | undefined): AdapterPackages | undefined {
  if (scheme === undefined) return undefined;
  return rows.find((row) => row.schemes.includes(scheme))?.[role];
}

/** Why a scheme leads nowhere, and what would. */
export function unknownScheme(role: AdapterRole, scheme: string): string {
  const known = rows.filter((row) => row[role] !== undefined).flatMap((row) => row.schemes);
  const near = nearest(scheme, known);
  const guess = near === undefined ? "" : ` Did you mean ${near}://?`;
  return `there is no ${role} for "${scheme}://".${guess} Known: ${known.map((name) => `${name}://`).join(", ")}.`;
}

/** `npm install @celeriac/broker-redis ioredis`. */
export function installCommand({ adapter, clients }: AdapterPackages): string {
  return ["npm install", adapter, ...clients].join(" ");
}
