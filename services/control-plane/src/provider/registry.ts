import { Refusal } from '../failure/refusal.ts';
import type { Provider, ProviderName } from './port.ts';

export type ProviderLoader = () => Promise<Provider>;

/** The clouds that are configured. Each is loaded when it is first asked for, and only then. */
export interface Providers {
  readonly names: readonly ProviderName[];
  /** @throws Refusal PROVIDER_NOT_CONFIGURED */
  get(name: ProviderName): Promise<Provider>;
}

export function createProviders(loaders: Readonly<Partial<Record<ProviderName, ProviderLoader>>>): Providers {
  const loaded = new Map<ProviderName, Promise<Provider>>();
  return {
    names: Object.keys(loaders) as ProviderName[],
    async get(name) {
      const load = loaders[name];
      if (!load) throw new Refusal('PROVIDER_NOT_CONFIGURED', `${name} is not served by this control plane`);
      let provider = loaded.get(name);
      if (!provider) {
        provider = load();
        loaded.set(name, provider);
        // What failed to load may load the next time.
        provider.catch(() => loaded.delete(name));
      }
      return await provider;
    },
  };
}
