import os from 'node:os';
import { ConfigError } from '@holdfast/activities/config/read-environment';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgresql://localhost/holdfast',
  SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  HOLDFAST_OWNER: 'me',
  HOLDFAST_WORKFLOW_BUNDLE: 'bundle.js',
};
const cloud = {
  BACKEND: 'control-plane',
  MOLECULE_ORG_ID: 'acme',
  MOLECULE_CP_SHARED_SECRET: 'a-secret-of-acme',
  PLATFORM_URL: 'https://acme.example.com/',
};
const mistakes = (environment: Record<string, string>): string => {
  try {
    readConfig({ ...needed, ...environment });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

test('takes the name of the machine for its host, and the address of the engine for the platform', () => {
  expect(readConfig(needed)).toMatchObject({
    BACKEND: 'auto',
    HOLDFAST_HOST: os.hostname(),
    PLATFORM_URL: 'http://host.docker.internal:8080',
  });
});

test('lets the loops tick as often as the fleet relies on, unless told otherwise', () => {
  expect(readConfig(needed)).toMatchObject({
    PROVISION_TIMEOUT_INTERVAL_MS: 30_000,
    LIVENESS_INTERVAL_MS: 15_000,
    REMOTE_LIVENESS_INTERVAL_MS: 15_000,
    REMOTE_LIVENESS_STALE_AFTER: '90',
    HEALTH_SWEEP_INTERVAL_MS: 15_000,
    HIBERNATION_INTERVAL_MS: 120_000,
    HIBERNATION_ABANDONED_MS: 300_000,
    ORPHAN_SWEEP_INTERVAL_MS: 60_000,
    IMAGE_WATCH_INTERVAL_MS: 300_000,
    IMAGE_AUTO_REFRESH: false,
  });
});

describe('boxes in clouds', () => {
  test('are on a host that all their workers share', () => {
    expect(readConfig({ ...needed, ...cloud })).toMatchObject({
      BACKEND: 'control-plane',
      HOLDFAST_HOST: 'control-plane',
      PLATFORM_URL: 'https://acme.example.com',
      MOLECULE_CP_URL: 'https://api.moleculesai.app',
    });
    expect(readConfig({ ...needed, ...cloud, HOLDFAST_HOST: 'clouds-of-acme' }).HOLDFAST_HOST).toBe('clouds-of-acme');
  });

  test('are what an organisation has unless it is told otherwise', () => {
    expect(readConfig({ ...needed, ...cloud, BACKEND: 'auto' }).BACKEND).toBe('control-plane');
    expect(readConfig({ ...needed, ...cloud, BACKEND: 'docker' })).toMatchObject({
      BACKEND: 'docker',
      HOLDFAST_HOST: os.hostname(),
    });
  });

  test.each([
    ['MOLECULE_ORG_ID', 'MOLECULE_ORG_ID must be set to the id the control plane knows this organisation by'],
    ['MOLECULE_CP_SHARED_SECRET', 'MOLECULE_CP_SHARED_SECRET must be set to the secret the control plane gave'],
    ['PLATFORM_URL', 'PLATFORM_URL must be set to the address at which machines in the clouds reach the gateway'],
  ])('need %s, and a sentence says so', (name, sentence) => {
    const text = mistakes({ ...cloud, [name]: '' });
    expect(text).toContain(sentence);
    expect(text).not.toContain('a-secret-of-acme');
  });

  test('take the secret under its older name', () => {
    expect(mistakes({ ...cloud, MOLECULE_CP_SHARED_SECRET: '', PROVISION_SHARED_SECRET: 'older' })).toBe('');
  });
});
