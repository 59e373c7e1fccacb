import { Refusal } from '../failure/refusal.ts';
import type { Capabilities, ComputeWish, Machine, ProviderName } from './port.ts';

/** What a cloud offers, and what it takes where a tenant does not choose. */
export interface Offer {
  readonly provider: ProviderName;
  readonly capabilities: Capabilities;
  /** By tier 1 to 4. */
  readonly typeByTier: readonly [string, string, string, string];
  /** The types that have a graphics card, and the one that is taken first. */
  readonly graphicsTypes: readonly string[];
  readonly defaultDiskGib: number;
  /** The GB of the disk that comes with each type, at a cloud that makes a machine with no other. */
  readonly typeDiskGib?: Readonly<Record<string, number>>;
}

export const diskRange = { least: 30, most: 500 } as const;
const widths = { least: 800, most: 3_840 } as const;
const heights = { least: 600, most: 2_160 } as const;

/**
 * What a wish comes to at a cloud.
 * @throws Refusal UNSUPPORTED naming the part that this cloud cannot give
 */
export function machineOf(offer: Offer, wish: ComputeWish, tier: number): Machine {
  const { capabilities, provider } = offer;
  const mode = wish.display?.mode ?? 'none';
  must(capabilities.display_modes.includes(mode), `${provider} has no display mode "${mode}"`);
  checkDisplay(offer, wish.display);
  const persistence = wish.dataPersistence ?? 'ephemeral';
  must(capabilities.data_persistence.includes(persistence), `${provider} cannot keep data ("${persistence}")`);
  const diskGib = wish.diskGib ?? offer.defaultDiskGib;
  must(within(diskGib, capabilities.disk_gb), `a disk has 30 to 500 GB at ${provider}`);
  const instanceType = wish.instanceType ?? typeFor(offer, mode, tier);
  must(
    capabilities.instance_types.includes(instanceType),
    `instance type "${instanceType}" is not allowed at ${provider}`,
  );
  const needsGraphics = mode === 'gpu-desktop-control';
  must(!needsGraphics || offer.graphicsTypes.includes(instanceType), `"${instanceType}" has no graphics card`);
  const persistent = persistence === 'persist';
  if (!persistent && wish.diskGib !== undefined) checkOwnDisk(offer, instanceType, wish.diskGib);
  return { instanceType, diskGib, persistent };
}

/** A larger disk than asked for is one, too; of a type that is not known nobody can tell. */
function checkOwnDisk({ provider, typeDiskGib }: Offer, instanceType: string, wanted: number): void {
  if (typeDiskGib === undefined) return;
  const own = typeDiskGib[instanceType];
  const has = own === undefined ? 'a disk of its own' : `a disk of ${own} GB`;
  must(
    own !== undefined && own >= wanted,
    `"${instanceType}" comes with ${has} at ${provider}: for ${wanted} GB ask for data_persistence "persist"`,
  );
}

function checkDisplay({ capabilities, provider }: Offer, display: ComputeWish['display']): void {
  if (display === undefined || display.mode === 'none') return;
  const { width, height, protocol } = display;
  must(width === undefined || within(width, widths), 'a display is 800 to 3840 pixels wide');
  must(height === undefined || within(height, heights), 'a display is 600 to 2160 pixels high');
  must(
    protocol === undefined || capabilities.display_protocols.includes(protocol),
    `${provider} has no display protocol "${protocol}"`,
  );
}

function typeFor(offer: Offer, mode: string, tier: number): string {
  if (mode === 'gpu-desktop-control') return offer.graphicsTypes[0] ?? '';
  // Tiers nobody knows behave like the second.
  return offer.typeByTier[tier - 1] ?? offer.typeByTier[1];
}

const within = (value: number, { least, most }: { least: number; most: number }): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

function must(holds: boolean, says: string): void {
  if (!holds) throw new Refusal('UNSUPPORTED', says);
}

/** A configured list of types: it narrows what may be asked for, and its first is what a tier gets that it leaves out. */
export function narrowed(offer: Offer, types: readonly string[] | undefined): Offer {
  const [first] = types ?? [];
  if (types === undefined || first === undefined) return offer;
  const fit = (type: string) => (types.includes(type) ? type : first);
  const [one, two, three, four] = offer.typeByTier;
  return {
    ...offer,
    capabilities: {
      ...offer.capabilities,
      instance_types: types,
      display_modes: offer.capabilities.display_modes.filter(
        (mode) => mode !== 'gpu-desktop-control' || types.some((type) => offer.graphicsTypes.includes(type)),
      ),
    },
    graphicsTypes: offer.graphicsTypes.filter((type) => types.includes(type)),
    typeByTier: [fit(one), fit(two), fit(three), fit(four)],
  };
}
