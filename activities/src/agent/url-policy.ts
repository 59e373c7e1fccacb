import { isIP } from 'node:net';
import { forbiddenCategory } from './address-table.ts';
import type { DeployMode } from './deploy-mode.ts';
import type { HostLookup } from './host-lookup.ts';

export interface UrlPolicy {
  readonly mode: DeployMode;
  readonly lookup: HostLookup;
}

/**
 * What the URL is checked for. `register`: somebody names it (register, external create, import).
 * `dispatch`: the platform is about to connect to it or hands it out.
 */
export type UrlUse = 'register' | 'dispatch';

export type UrlVerdict =
  /** `addresses` are the checked ones: connect to one of these, never to the name, which may resolve anew. */
  | { readonly allowed: true; readonly url: URL; readonly addresses: readonly string[] }
  /** `reason` is the text of the 400 answer. */
  | { readonly allowed: false; readonly reason: string };

/** Decides whether the platform may connect to a URL that somebody else supplied. Every resolved address must pass. */
export async function checkUrl(text: string, use: UrlUse, policy: UrlPolicy): Promise<UrlVerdict> {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') return refused(`url scheme must be http or https, got "${scheme}"`);
  const url = URL.parse(text);
  if (!url) return refused('hostname "" cannot be resolved (DNS error): no usable host in the url');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return judgeLiteral(url, host, policy.mode);
  // An agent on the same machine says "localhost" before the platform knows whether it will ever connect to it.
  if (host === 'localhost' && use === 'register') return { allowed: true, url, addresses: [] };
  return judgeName(url, host, policy);
}

function judgeLiteral(url: URL, address: string, mode: DeployMode): UrlVerdict {
  const category = forbiddenCategory(address, mode);
  return category
    ? refused(`url targets a blocked address: ${category}`)
    : { allowed: true, url, addresses: [address] };
}

async function judgeName(url: URL, host: string, policy: UrlPolicy): Promise<UrlVerdict> {
  const unresolved = (why: string) => refused(`hostname "${host}" cannot be resolved (DNS error): ${why}`);
  let addresses: readonly string[];
  try {
    addresses = await policy.lookup(host);
  } catch (error) {
    return unresolved((error as NodeJS.ErrnoException).code ?? 'lookup failed');
  }
  if (addresses.length === 0) return unresolved('no addresses');
  for (const address of addresses) {
    const category = forbiddenCategory(address, policy.mode);
    if (category) return refused(`hostname "${host}" resolves to forbidden address: ${category}`);
  }
  return { allowed: true, url, addresses };
}

const refused = (reason: string): UrlVerdict => ({ allowed: false, reason });
