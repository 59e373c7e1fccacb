import { startEc2Cloud, startGcpCloud, startHetznerCloud } from '@holdfast/infra/testing/clouds/index';
import { describe } from 'vitest';
import type { CloudProvider } from '@holdfast/workflows/box/box';
import { describeBoxPort, never } from './box-port.ts';
import { aCloud, answers, startCloudRig } from './control-plane-given.ts';

const clouds = [
  ['aws', startEc2Cloud],
  ['hetzner', startHetznerCloud],
  ['gcp', startGcpCloud],
] as const;

describe.each(clouds)('%s', (provider: CloudProvider, start) => {
  describeBoxPort(`a control plane over ${provider}`, async () => {
    const rig = await startCloudRig([start]);
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
