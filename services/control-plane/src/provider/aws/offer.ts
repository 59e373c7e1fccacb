import { diskRange, type Offer } from '../machine.ts';

const graphics = ['g4dn.xlarge', 'g4dn.2xlarge', 'g5.xlarge'];

export const awsOffer: Offer = {
  provider: 'aws',
  typeByTier: ['t3.small', 't3.medium', 't3.large', 't3.xlarge'],
  graphicsTypes: graphics,
  defaultDiskGib: 30,
  capabilities: {
    instance_types: [
      't3.small',
      't3.medium',
      't3.large',
      't3.xlarge',
      't3.2xlarge',
      'm6i.large',
      'm6i.xlarge',
      'm6i.2xlarge',
      'c6i.large',
      'c6i.xlarge',
      'c6i.2xlarge',
      ...graphics,
    ],
    disk_gb: diskRange,
    data_persistence: ['ephemeral', 'persist'],
    display_modes: ['none', 'desktop-control', 'gpu-desktop-control'],
    display_protocols: ['dcv', 'novnc'],
    console: true,
  },
};
