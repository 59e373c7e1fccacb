import { describe, expect, test } from 'vitest';
import { awsOffer } from './aws/offer.ts';
import { gcpOffer } from './gcp/offer.ts';
import { hetznerOffer } from './hetzner/offer.ts';
import { machineOf, narrowed } from './machine.ts';
import { labelValue, markNames, instanceLabels, marksOf } from './marks.ts';

const offers = [awsOffer, gcpOffer, hetznerOffer];

describe.each(offers)('a machine at $provider', (offer) => {
  test.each([1, 2, 3, 4])('of tier %i is one that may be asked for', (tier) => {
    expect(offer.capabilities.instance_types).toContain(machineOf(offer, {}, tier).instanceType);
  });

  test('of a tier nobody knows is like the second', () => {
    expect(machineOf(offer, {}, 9)).toEqual(machineOf(offer, {}, 2));
  });

  test('has 30 GB that do not outlive it, unless told', () => {
    expect(machineOf(offer, {}, 2)).toMatchObject({ diskGib: 30, persistent: false });
    expect(machineOf(offer, { diskGib: 100, dataPersistence: 'persist' }, 2)).toMatchObject({
      diskGib: 100,
      persistent: true,
    });
  });

  test.each([29, 501, 30.5, Number.NaN])('has no disk of %d GB', (diskGib) => {
    expect(() => machineOf(offer, { diskGib }, 2)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('with a list of its own has those types alone, by default too', () => {
    const only = narrowed(offer, ['one-of-ours']);
    expect([1, 2, 3, 4].map((tier) => machineOf(only, {}, tier).instanceType)).toEqual(Array(4).fill('one-of-ours'));
    expect(() => machineOf(only, { instanceType: offer.typeByTier[0] }, 1)).toThrow('not allowed');
    expect(only.capabilities.display_modes).not.toContain('gpu-desktop-control');
  });
});

describe('a machine whose disk comes with its type', () => {
  const unsupported = expect.objectContaining({ code: 'UNSUPPORTED' });

  test.each([
    ['cx22', 40],
    ['cpx51', 360],
  ])('is %s for at most the %i GB that it has', (instanceType, diskGib) => {
    expect(machineOf(hetznerOffer, { instanceType, diskGib }, 2)).toMatchObject({ instanceType, diskGib });
    const more = { instanceType, diskGib: diskGib + 1 };
    expect(() => machineOf(hetznerOffer, more, 2)).toThrow(unsupported);
    expect(() => machineOf(hetznerOffer, { ...more, dataPersistence: 'ephemeral' }, 2)).toThrow('"persist"');
  });

  test('gets a disk of any size beside it when that outlives it', () => {
    const wish = { instanceType: 'cx22', diskGib: 500, dataPersistence: 'persist' } as const;
    expect(machineOf(hetznerOffer, wish, 2)).toMatchObject({ diskGib: 500, persistent: true });
  });

  test('of every type has the disk that is taken where no size is asked for', () => {
    for (const instanceType of hetznerOffer.capabilities.instance_types) {
      expect(machineOf(hetznerOffer, { instanceType, diskGib: hetznerOffer.defaultDiskGib }, 2)).toBeDefined();
    }
  });

  test('of a type that nobody knows is taken as it is, and refused with a size', () => {
    const ours = narrowed(hetznerOffer, ['one-of-ours']);
    expect(machineOf(ours, {}, 2)).toMatchObject({ instanceType: 'one-of-ours' });
    expect(() => machineOf(ours, { diskGib: 30 }, 2)).toThrow(unsupported);
  });

  test('is as large as anybody asks for at clouds that make the disk with it', () => {
    for (const offer of [awsOffer, gcpOffer]) expect(machineOf(offer, { diskGib: 500 }, 1).diskGib).toBe(500);
  });
});

describe('a display with a graphics card', () => {
  test('gets a machine that has one', () => {
    const display = { mode: 'gpu-desktop-control' } as const;
    expect(machineOf(awsOffer, { display }, 2).instanceType).toBe('g4dn.xlarge');
    expect(() => machineOf(awsOffer, { display, instanceType: 't3.large' }, 2)).toThrow('no graphics card');
    expect(() => machineOf(hetznerOffer, { display }, 2)).toThrow('hetzner has no display mode');
  });

  test('is shown by dcv at aws alone', () => {
    const display = { mode: 'desktop-control', protocol: 'dcv' } as const;
    expect(machineOf(awsOffer, { display }, 2)).toBeDefined();
    for (const offer of [gcpOffer, hetznerOffer]) expect(() => machineOf(offer, { display }, 2)).toThrow('protocol');
  });
});

describe('a mark', () => {
  test.each(['an-owner', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'a_b'])(
    'that every cloud takes stays "%s"',
    (text) => {
      expect(labelValue(text)).toBe(text);
    },
  );

  test.each(['An Owner', 'x'.repeat(64), '-a', 'a.b', '', 'ü'])(
    'that some cloud refuses becomes a digest: %j',
    (text) => {
      expect(labelValue(text)).toMatch(/^h[0-9a-f]{40}$/);
    },
  );

  test('is read back only by the control plane that has set it', () => {
    const marks = { boxId: 'b', workspaceId: 'w', orgId: 'o', owner: 'i' };
    for (const separator of ['.', '-'] as const) {
      const names = markNames(separator);
      const labels = instanceLabels(names, 'mine', marks);
      expect(marksOf(names, 'mine', labels)).toEqual(marks);
      expect(marksOf(names, 'another', labels)).toBeNull();
      expect(marksOf(names, 'mine', {})).toBeNull();
    }
  });
});
