import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const organisation = { MOLECULE_ORG_ID: 'acme', MOLECULE_CP_SHARED_SECRET: 'at least sixteen characters' };
const reachable = { PLATFORM_URL: 'https://acme.example.com' };

describe('where boxes run', () => {
  test('is the control plane for who has an organisation and its secret, by either of its names', () => {
    const { MOLECULE_CP_SHARED_SECRET: secret, ...older } = organisation;
    expect(readConfig({ ...organisation, ...reachable }).backend).toBe('control-plane');
    expect(readConfig({ ...older, ...reachable, PROVISION_SHARED_SECRET: secret }).backend).toBe('control-plane');
    expect(readConfig({ ...older, ...reachable }).backend).toBe('auto');
    expect(readConfig({ ...organisation, BACKEND: 'process' }).backend).toBe('process');
  });

  test('is refused as the control plane without what that needs, all of it named at once', () => {
    const start = (): unknown => readConfig({ BACKEND: 'control-plane' });
    expect(start).toThrow(
      /^MOLECULE_ORG_ID must be set to .*\nMOLECULE_CP_SHARED_SECRET must be .*\nPLATFORM_URL must be .*\.$/,
    );
  });
});
