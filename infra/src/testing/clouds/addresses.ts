import { randomInt } from 'node:crypto';

/** Loopback addresses of one cloud: every machine has its own, as it has in a network of its cloud. */
export function loopbackAddresses(): { readonly network: string; next(): string } {
  // A /20 of its own among 3 584, so that test files that run at the same time do not meet.
  const [second, third] = [randomInt(16, 240), randomInt(0, 16) * 16];
  let last = 3;
  return {
    network: `127.${second}.${third}.0/20`,
    next() {
      last += 1;
      if (last > 4_094) throw new RangeError('the network of this cloud is full');
      return `127.${second}.${third + Math.floor(last / 256)}.${last % 256}`;
    },
  };
}
