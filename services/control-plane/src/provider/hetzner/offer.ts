import { diskRange, type Offer } from '../machine.ts';

/** No graphics cards, no console to read; the root disk comes with the type, so a size is a disk of its own. */
export const hetznerOffer: Offer = {
  provider: 'hetzner',
  typeByTier: ['cx22', 'cx32', 'cx42', 'cx52'],
  graphicsTypes: [],
  defaultDiskGib: 30,
  capabilities: {
    instance_types: ['cx22', 'cx32', 'cx42', 'cx52', 'cpx21', 'cpx31', 'cpx41', 'cpx51', 'ccx13', 'ccx23', 'ccx33'],
    disk_gb: diskRange,
    data_persistence: ['ephemeral', 'persist'],
    display_modes: ['none', 'desktop-control'],
    display_protocols: ['novnc'],
    console: false,
  },
};
