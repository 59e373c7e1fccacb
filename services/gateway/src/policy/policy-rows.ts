import type { FastifyInstance } from 'fastify';
import { type Policy, unmatched } from './policy.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: Policy;
  }
}

/**
 * Gives each route its row of the table as it is registered, and remembers which routes there are.
 * @throws when a route has no row: the boot fails, and the route never answers anybody
 */
export function attachPolicies(server: FastifyInstance, table: Readonly<Record<string, Policy>>): ReadonlySet<string> {
  const registered = new Set<string>();
  server.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    for (const method of methods) {
      const name = `${method} ${route.url}`;
      const policy = table[name] ?? familyRow(table, name);
      if (!policy) throw new Error(`The route "${name}" has no row in the policy table.`);
      registered.add(name);
      route.config = { ...route.config, policy };
      route.bodyLimit = policy.bodyLimit;
    }
  });
  return registered;
}

/** The row `GET /docs/*` stands for every route below /docs/, which a library registers. */
function familyRow(table: Readonly<Record<string, Policy>>, name: string): Policy | undefined {
  const family = Object.keys(table).find((row) => row.endsWith('/*') && name.startsWith(row.slice(0, -1)));
  return family === undefined ? undefined : table[family];
}

/** The row of the route a request matched. */
export const policyOf = (request: { routeOptions: { config: { policy?: Policy } } }): Policy =>
  request.routeOptions.config.policy ?? unmatched;
