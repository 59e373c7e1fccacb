import { diskRange, type Offer } from '../machine.ts';

const graphics = ['g2-standard-4', 'g2-standard-8'];

export const gcpOffer: Offer = {
  provider: 'gcp',
  typeByTier: ['e2-small', 'e2-medium', 'e2-standard-2', 'e2-standard-4'],
  graphicsTypes: graphics,
  defaultDiskGib: 30,
  capabilities: {
    instance_types: [
      'e2-small',
      'e2-medium',
      'e2-standard-2',
      'e2-standard-4',
      'e2-standard-8',
      'n2-standard-2',
      'n2-standard-4',
      'n2-standard-8',
      ...graphics,
    ],
    disk_gb: diskRange,
    data_persistence: ['ephemeral', 'persist'],
    display_modes: ['none', 'desktop-control', 'gpu-desktop-control'],
    display_protocols: ['novnc'],
    console: true,
  },
};
