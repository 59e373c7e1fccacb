import ipaddr from 'ipaddr.js';
import type { DeployMode } from './deploy-mode.ts';

/** One kind of address that an agent may not have, or only in some modes. The first row that matches decides. */
export interface AddressRule {
  readonly category: string;
  readonly ranges: readonly string[];
  /** Modes that allow it; in none of them it is refused. */
  readonly allowedIn: readonly ('saas' | 'dev')[];
}

const addressTable: readonly AddressRule[] = [
  { category: 'loopback', ranges: ['127.0.0.0/8', '::1/128'], allowedIn: ['dev'] },
  {
    category: 'link-local or cloud metadata',
    // The last two are the metadata services of AWS and GCP, which sit inside a range that is else merely private.
    ranges: ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32', 'fd20:ce::254/128'],
    allowedIn: [],
  },
  { category: 'private', ranges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], allowedIn: ['saas', 'dev'] },
  { category: 'unique-local', ranges: ['fd00::/8'], allowedIn: ['saas', 'dev'] },
  { category: 'unassigned unique-local', ranges: ['fc00::/8'], allowedIn: [] },
  {
    category: 'documentation',
    ranges: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'],
    allowedIn: [],
  },
  { category: 'carrier-grade NAT', ranges: ['100.64.0.0/10'], allowedIn: [] },
  { category: 'multicast', ranges: ['224.0.0.0/4', 'ff00::/8'], allowedIn: [] },
  { category: 'unspecified', ranges: ['0.0.0.0/8', '::/128'], allowedIn: [] },
  { category: 'reserved', ranges: ['240.0.0.0/4', '::/8', '100::/8', 'fec0::/10', '2001::/32'], allowedIn: [] },
];

/** IPv6 ranges whose addresses stand for an IPv4 address, and the byte where it begins. */
const carriers = [
  { range: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), offset: 12 }, // mapped
  { range: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), offset: 12 }, // NAT64
  { range: ipaddr.IPv6.parseCIDR('2002::/16'), offset: 2 }, // 6to4
];

/** The category that forbids this address in this mode; null when it is allowed. */
export function forbiddenCategory(text: string, mode: DeployMode): string | null {
  if (!ipaddr.isValid(text)) return 'not an IP address';
  const address = standsFor(ipaddr.parse(text));
  const rule = addressTable.find((row) => row.ranges.some((range) => contains(range, address)));
  if (!rule || rule.allowedIn.some((allowing) => mode[allowing])) return null;
  return rule.category;
}

function standsFor(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4) return address;
  const carrier = carriers.find(({ range }) => address.match(range));
  if (!carrier) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(carrier.offset, carrier.offset + 4));
}

function contains(range: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const [network, bits] = ipaddr.parseCIDR(range);
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, bits);
  return network instanceof ipaddr.IPv6 && address.match(network, bits);
}
