import { describe, expect, test } from 'vitest';
import { deployModeOf } from './deploy-mode.ts';

describe('SaaS mode', () => {
  test.each(['saas', 'SaaS', '  saas\n'])('is on for the deploy mode %j', (deployMode) => {
    expect(deployModeOf({ deployMode }).saas).toBe(true);
  });

  test.each(['self-hosted', 'selfhosted', 'standalone', 'Standalone '])(
    'is off for %j even with an org id',
    (deployMode) => {
      expect(deployModeOf({ deployMode, orgId: 'org-1' })).toEqual({ saas: false, dev: false });
    },
  );

  test('falls closed with a warning for a deploy mode nobody knows', () => {
    const mode = deployModeOf({ deployMode: 'sass', orgId: 'org-1' });
    expect(mode.saas).toBe(false);
    expect(mode.warning).toContain('sass');
  });

  test.each([undefined, '', '   '])('follows the org id when the deploy mode is %j', (deployMode) => {
    expect(deployModeOf({ deployMode, orgId: 'org-1' }).saas).toBe(true);
    expect(deployModeOf({ deployMode, orgId: ' ' }).saas).toBe(false);
    expect(deployModeOf({ deployMode }).saas).toBe(false);
  });
});

describe('dev mode', () => {
  test.each(['dev', 'development', ' DEV ', 'Development'])('is on for the environment %j', (environment) => {
    expect(deployModeOf({ environment }).dev).toBe(true);
  });

  test.each([undefined, '', 'production', 'devel', 'staging'])('is off for the environment %j', (environment) => {
    expect(deployModeOf({ environment }).dev).toBe(false);
  });
});
