import type { Logger } from 'pino';
import type { InstanceRows } from '../instance/instance-rows.ts';
import type { ProviderName } from '../provider/port.ts';
import type { Providers } from '../provider/registry.ts';
import type { Loop } from './supervise.ts';

export interface StrayParts {
  readonly rows: InstanceRows;
  readonly providers: Providers;
  readonly log: Logger;
  readonly everyMs: number;
}

/**
 * Looks at what the clouds really hold. A machine whose box is gone came out later than anybody could wait: it is ended.
 * One that no row knows of is only told of, because a database may have been lost.
 */
export function strayLoop({ rows, providers, log, everyMs }: StrayParts): Loop {
  const look = async (name: ProviderName): Promise<void> => {
    const instances = await (await providers.get(name)).list();
    const boxIds = instances.map(({ marks }) => marks.boxId);
    const known = await rows.knownBoxes(name, boxIds);
    for (const boxId of await rows.reopenGone(name, boxIds)) {
      log.warn({ boxId, cloud: name }, 'a machine of a box that is gone is ended');
    }
    const unknown = instances.filter(({ marks }) => !known.includes(marks.boxId));
    if (unknown.length > 0) {
      const ids = unknown.map(({ instanceId }) => instanceId);
      log.warn(
        { instances: ids, cloud: name },
        'machines with our marks have no row: end them by DELETE if they are not needed',
      );
    }
  };

  return {
    name: 'strays',
    everyMs,
    async tick() {
      const results = await Promise.allSettled(providers.names.map(look));
      for (const [index, result] of results.entries()) {
        if (result.status === 'rejected') {
          log.warn({ err: result.reason, cloud: providers.names[index] }, 'a cloud could not be looked through');
        }
      }
    },
  };
}
