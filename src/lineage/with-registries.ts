import type { Catalogue } from "../catalogue/model.ts";
import type { Registries, RegistriesOptions } from "../registry/model.ts";
import { createRegistries } from "../registry/registries.ts";

/** Opens registries for questions and closes them. A question is repeated less often than an upload: people wait for it. */
export async function withRegistries<T>(
  { settings }: Pick<Catalogue, "settings">,
  signal: AbortSignal | undefined,
  use: (registries: Registries) => Promise<T>,
  options: RegistriesOptions = {},
): Promise<T> {
  const limits = { attempts: 3, answer: 30_000, ...options.limits };
  const registries = createRegistries({ insecure: settings.insecure, ...(signal && { signal }), ...options, limits });
  try {
    return await use(registries);
  } finally {
    await registries.close();
  }
}
