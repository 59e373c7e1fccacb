import { lookup } from 'node:dns/promises';

/** Every address of a host name. @throws with a `code` when the name cannot be resolved */
export type HostLookup = (host: string) => Promise<readonly string[]>;

/** Asks the system's resolver. @param limitMs how long it may take; agents give register ten seconds */
export const systemLookup =
  (limitMs: number): HostLookup =>
  async (host) => {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(Object.assign(new Error('lookup took too long'), { code: 'ETIMEOUT' })), limitMs);
    });
    try {
      const found = await Promise.race([lookup(host, { all: true }), tooLong]);
      return found.map(({ address }) => address);
    } finally {
      clearTimeout(timer);
    }
  };
