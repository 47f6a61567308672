// @ts-check
/**
 * What a service is to these tools. A new one (RabbitMQ, PostgreSQL...) is a value of this shape, listed in
 * service-table.mjs; nothing else needs to change.
 *
 * @typedef {object} Provision - A service that can be used; kept as JSON in `.services/state.json`.
 * @property {"environment" | "binary" | "docker" | "debian" | "python"} how - Where it came from.
 * @property {string} detail - For people: version, address.
 * @property {Record<string, string>} env - Variables that tell the tests about it.
 * @property {number} [pid] - Present when we started a process, which `down` will end.
 * @property {string} [compose] - Present when we started this entry of compose.yaml.
 *
 * @typedef {object} NotHere - This way of finding the service leads nowhere; the next one is tried.
 * @property {string} notHere - The reason, in plain words.
 *
 * @typedef {object} FindContext
 * @property {string} folder - The service's own folder below `.services/`; may not exist yet.
 * @property {() => Promise<number>} port - A free port, the same one as last time when possible.
 * @property {(line: string) => void} announce - Tells the user something they should see.
 *
 * @typedef {(context: FindContext) => Promise<Provision | NotHere>} Finder
 *
 * @typedef {object} Service
 * @property {string} name - One word; also the folder below `.services/`.
 * @property {string} title - For people.
 * @property {string} variable - Environment variable whose presence means "use this one".
 * @property {(env: NodeJS.ProcessEnv) => Promise<Provision>} fromEnvironment - Called when `variable` is set.
 *   Throws when what it names does not work: falling back to another server would hide the mistake.
 * @property {readonly Finder[]} finders - In order of preference.
 * @property {(provision: Provision) => Promise<boolean>} isUsable - Is what the state file remembers still there?
 * @property {(provision: Provision) => Promise<void>} stop - Ends what we started; nothing else.
 */
export {};
