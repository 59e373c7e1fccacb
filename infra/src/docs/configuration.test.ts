import { readFileSync } from 'node:fs';
import { tierOf } from '@holdfast/activities/box/docker/tiers';
import { sharedVariables } from '@holdfast/activities/config/shared-variables';
import { describe, expect, test } from 'vitest';
import { GatewayEnvironment } from '../../../services/gateway/src/config.ts';
import { WorkerConfig } from '../../../services/worker/src/config.ts';
import { configurationFile, configurationText } from './configuration.ts';
import { readVariables } from './read-variables.ts';
import { tables } from './variables.ts';

const page = readFileSync(configurationFile, 'utf8');

describe('docs/configuration.md', () => {
  test('is what the schemas say', () => {
    expect(page).toBe(configurationText(page));
  });

  test('is refused when it has no place for a table', () => {
    expect(() => configurationText(page.replace('variables: agent', 'variables: nobody'))).toThrow('nobody');
    expect(() => configurationText(page.replace('<!-- variables: agent -->', ''))).toThrow('no place for: agent');
  });

  test('names every variable that any process reads', () => {
    const unnamed = readVariables().filter(({ name }) => !new RegExp(`\`${name}[\`=]`).test(page));
    expect(unnamed).toEqual([]);
  });

  test.each(tables['worker']?.filter(({ name }) => name.startsWith('TIER')) ?? [])(
    'says of $name what the tier has',
    ({ name, unset }) => {
      const { memoryMb, cpus } = tierOf(Number(name[4]));
      expect(unset).toBe(`\`${name.endsWith('_MB') ? memoryMb : (cpus ?? 0) * 1024}\``);
    },
  );
});

describe('a variable that gateway and worker both read', () => {
  /** Each process has a pool of its own. */
  const own = ['DATABASE_CONNECTIONS'];

  test('is a shared one, with one text and one default', () => {
    const both = Object.keys(GatewayEnvironment.shape).filter((name) => Object.hasOwn(WorkerConfig.shape, name));
    expect(both.filter((name) => !own.includes(name)).sort()).toEqual(Object.keys(sharedVariables).sort());
    for (const name of Object.keys(sharedVariables) as (keyof typeof sharedVariables)[]) {
      expect(GatewayEnvironment.shape[name]).toBe(WorkerConfig.shape[name]);
    }
  });
});
