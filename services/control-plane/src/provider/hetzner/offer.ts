import { diskRange, type Offer } from '../machine.ts';

const typeDiskGib = {
  cx22: 40,
  cx32: 80,
  cx42: 160,
  cx52: 320,
  cpx21: 80,
  cpx31: 160,
  cpx41: 240,
  cpx51: 360,
  ccx13: 80,
  ccx23: 160,
  ccx33: 240,
} as const;

/** No graphics cards, no console to read; a machine has the disk of its type, and one of another size only beside it. */
export const hetznerOffer: Offer = {
  provider: 'hetzner',
  typeByTier: ['cx22', 'cx32', 'cx42', 'cx52'],
  graphicsTypes: [],
  defaultDiskGib: 30,
  typeDiskGib,
  capabilities: {
    instance_types: Object.keys(typeDiskGib),
    disk_gb: diskRange,
    data_persistence: ['ephemeral', 'persist'],
    display_modes: ['none', 'desktop-control'],
    display_protocols: ['novnc'],
    console: false,
  },
};
