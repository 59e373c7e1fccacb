import { describe } from 'vitest';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { describeBoxPort, never } from './box-port.ts';
import { answers } from './answers.ts';
import { aCloud, givenClouds } from './control-plane-given.ts';

const clouds: readonly CloudProvider[] = ['aws', 'hetzner', 'gcp'];

describe.each(clouds)('%s', (provider) => {
  describeBoxPort(`a control plane over ${provider}`, async () => {
    const rig = await givenClouds([provider]);
    const [ours, theirs] = rig.controlPlane.tenants;
    if (!ours || !theirs) throw new Error('two tenants');
    return {
      backend: rig.backend({ tenant: ours, owner: 'ours' }),
      stranger: rig.backend({ tenant: theirs, owner: 'theirs' }),
      image: '',
      every: () => ({ cloud: aCloud({ provider }) }),
      hasConsole: provider !== 'hetzner',
      async halfHeard(spec) {
        await rig.backend({ tenant: ours, owner: 'ours' }).start(spec, never);
      },
      answers,
      close: () => rig.close(),
    };
  });
});
