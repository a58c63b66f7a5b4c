import type { Registries, Repository } from "./model.ts";

type Hosts = Pick<Registries, "registryFor">;

/** The same registries, of which every repository is what `wrap` makes of it. */
export const wrapRepositories = (registries: Hosts, wrap: (repository: Repository) => Repository): Hosts => ({
  registryFor(host) {
    const registry = registries.registryFor(host);
    return { host: registry.host, repository: (path) => wrap(registry.repository(path)) };
  },
});
