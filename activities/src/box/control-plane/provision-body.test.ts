import { expect, test } from 'vitest';
import type { BoxSpec, CloudSpec } from '../backend.ts';
import { provisionBody } from './provision-body.ts';

const cloud: CloudSpec = { provider: 'aws', compute: {}, nonce: 'nonce', isUnanswered: false };
const specWith = (config: BoxSpec['config']): BoxSpec => ({
  boxId: 'box',
  workspaceId: 'workspace',
  born: new Date(0),
  runtime: 'reference',
  image: 'image',
  tier: 2,
  platform: { platformUrl: 'http://platform' },
  env: {},
  config,
  credentials: null,
  workspaceDir: null,
  workspaceAccess: 'none',
  resetSession: false,
  cloud,
});
const files = [{ path: 'config.yaml', content: Buffer.from('name: crew\n') }];

test.each([
  ['that replace a configuration say so', { files, overwrite: true }, { overwrite: true }],
  ['that are for an empty disk say nothing of it', { files, overwrite: false }, {}],
  ['that are none replace nothing', { files: [], overwrite: true }, {}],
])('files %s', (_, config, said) => {
  const body = provisionBody({ orgId: 'org', owner: 'owner' }, specWith(config), cloud);
  expect('overwrite' in body ? { overwrite: body.overwrite } : {}).toEqual(said);
});
