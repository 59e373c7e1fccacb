import { randomBytes } from 'node:crypto';
import { createCipher } from '@holdfast/activities/secret/cipher';
import type { CreateContext } from '@holdfast/activities/workspace/create-workspace';

export const context: CreateContext = {
  cipher: createCipher(randomBytes(32).toString('base64')),
  orgId: 'default',
  actor: 'admin',
};
