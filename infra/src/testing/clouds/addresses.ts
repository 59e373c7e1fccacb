import { randomInt } from 'node:crypto';

/** Loopback addresses of one cloud: every machine has its own, as it has in a network of its cloud. */
export function loopbackAddresses(): { readonly network: string; next(): string } {
  // A /24 of its own among 57 000, so that test files that run at the same time do not meet.
  const prefix = `127.${randomInt(16, 240)}.${randomInt(1, 255)}`;
  let last = 3;
  return {
    network: `${prefix}.0/24`,
    next() {
      last += 1;
      if (last > 254) throw new RangeError('the network of this cloud is full');
      return `${prefix}.${last}`;
    },
  };
}
