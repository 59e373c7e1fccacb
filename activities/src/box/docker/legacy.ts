import type Docker from 'dockerode';
import type { LegacyBoxes } from '../backend.ts';
import { managedLabel, ownLabels } from '../names.ts';
import { removeContainer } from './claim.ts';
import { call } from './engine-error.ts';
import { removeVolumes } from './volumes.ts';

const LIMIT_MS = 60_000;
/** Names were cut to twelve characters of the id. Anything else that looks like one is somebody else's. */
const named = /^\/ws-(?<prefix>[0-9a-f]{8}-[0-9a-f]{3})$/;

/**
 * Containers that carry only the label of the platform before this one. Without its label nothing is found, and with an
 * owner's it belongs to that owner, whoever it is.
 */
export const legacyContainers = (docker: Docker, owner: string): LegacyBoxes => ({
  async list() {
    const found = await call('list legacy containers', LIMIT_MS, (abortSignal) =>
      docker.listContainers({ all: true, filters: { label: [`${managedLabel}=true`] }, abortSignal }),
    );
    return found.flatMap(({ Id, Labels, Names }) => {
      const prefix = Names.map((name) => named.exec(name)?.groups?.['prefix']).find((part) => part !== undefined);
      return prefix === undefined || Labels[ownLabels.owner] !== undefined ? [] : [{ externalId: Id, prefix }];
    });
  },
  async remove({ externalId, prefix }) {
    await removeContainer(docker, externalId);
    await removeVolumes(docker, prefix, false, { owner, adoptUnowned: true });
  },
});
