import {
  loopsNamespace,
  loopsQueue,
  operationsNamespace,
  operationsQueue,
} from '@holdfast/workflows/operation/operation';
import { z } from 'zod';
import { parseKey } from '../secret/cipher.ts';
import { controlPlaneVariables } from './control-plane-variables.ts';
import { hostAndPort, milliseconds, orUnset, text } from './variables.ts';

const MAKE_A_KEY = 'make one with "openssl rand -base64 32"';
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/**
 * What gateways and workers read alike. Everything but the log level must be set to the same value for all of them:
 * they meet in one database, on one queue, and open what the other has sealed.
 */
export const sharedVariables = {
  DATABASE_URL: orUnset(z.url({ protocol: /^postgres(ql)?$/, error: 'must be set to a postgresql:// URL' })).describe(
    'Postgres of the installation.',
  ),
  TEMPORAL_ADDRESS: orUnset(hostAndPort.default('127.0.0.1:7233')).describe('host:port of the Temporal server.'),
  TEMPORAL_NAMESPACE: orUnset(text.default(operationsNamespace)).describe('Temporal namespace of the operations.'),
  TEMPORAL_LOOPS_NAMESPACE: orUnset(text.default(loopsNamespace)).describe('Temporal namespace of the periodic loops.'),
  HOLDFAST_QUEUE: orUnset(text.default(operationsQueue)).describe('Task queue of the operations.'),
  HOLDFAST_LOOPS_QUEUE: orUnset(text.default(loopsQueue)).describe('Task queue of the loops.'),
  WORKFLOW_TASK_TIMEOUT_MS: orUnset(milliseconds.default(10_000)).describe(
    'How long Temporal waits for a worker that took a task before it gives the task to another.',
  ),
  SECRETS_ENCRYPTION_KEY: orUnset(
    z
      .string({ error: `must be set; ${MAKE_A_KEY}` })
      .refine(isKey, { error: `must be base64 of 32 bytes; ${MAKE_A_KEY}` }),
  ).describe('Seals secrets: base64 of 32 bytes. Losing it loses them.'),
  ADMIN_TOKEN: orUnset(text.optional()).describe(
    'Admin credential, which also tells a control plane who asks. Without one the first boot makes one, prints it once and keeps its hash.',
  ),
  MOLECULE_ORG_ID: orUnset(text.transform((id) => id.trim()).optional()).describe(
    'Tenant id: requests must carry it, rows belong to it, and a control plane runs machines for it.',
  ),
  ...controlPlaneVariables,
  CONFIGS_DIR: orUnset(text.optional()).describe('Folder of the workspace templates.'),
  ORG_TEMPLATES_DIR: orUnset(text.optional()).describe("Folder of the organisation's own templates."),
  LOG_LEVEL: orUnset(z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info')).describe(
    `Least level that is logged: ${logLevels.join(', ')}.`,
  ),
};

function isKey(key: string): boolean {
  try {
    parseKey(key);
    return true;
  } catch {
    return false;
  }
}
