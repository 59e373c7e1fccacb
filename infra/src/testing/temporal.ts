import { randomBytes } from 'node:crypto';
import { loopsNamespace, operationsNamespace } from '@holdfast/workflows/operation/operation';
import { provided } from './provided.ts';

export interface TestTemporal {
  readonly address: string;
  /** The two namespaces of the product, shared by all files of the run: keep ids and queues your own. */
  readonly namespaces: { readonly operations: string; readonly loops: string };
}

/** The run's Temporal server. */
export function testTemporal(): TestTemporal {
  return {
    address: provided('temporalAddress'),
    namespaces: { operations: operationsNamespace, loops: loopsNamespace },
  };
}

/** A name no other test has: for task queues, hosts, owners, schedule ids. */
export const uniqueId = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;
