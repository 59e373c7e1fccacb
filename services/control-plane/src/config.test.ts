import { readFileSync } from 'node:fs';
import { expect, describe, test } from 'vitest';
import { ControlPlaneEnvironment, readConfig } from './config.ts';

const names = Object.keys(ControlPlaneEnvironment.shape);
const least = {
  DATABASE_URL: 'postgresql://127.0.0.1/holdfast',
  SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  HOLDFAST_OWNER: 'an-owner',
  CONTROL_PLANE_URL: 'https://cp.example/',
  CONTROL_PLANE_ORGANISATIONS: 'organisations.json',
  CONTROL_PLANE_PROVIDERS: 'hetzner',
  HETZNER_TOKEN: 'a-token',
};
const nonsense = ['false', 'n0nsense', '-1', '1.5', '1e400', '[object Object]', '💥', '\0', ','];

function mistakesOf(change: Readonly<Record<string, string | undefined>>): string[] {
  try {
    readConfig({ ...least, ...change });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
}

describe('the environment of the control plane', () => {
  test('is enough with what the page calls required', () => {
    expect(readConfig(least)).toMatchObject({ PORT: 8090, CONTROL_PLANE_URL: 'https://cp.example', LOG_LEVEL: 'info' });
  });

  test.each(Object.keys(least))('without %s is refused in one line that says how to mend it', (name) => {
    expect(mistakesOf({ [name]: undefined })).toEqual([
      expect.stringMatching(new RegExp(`^  ${name} must be set.{8,}`)),
    ]);
  });

  test.each(names)('takes a blank %s for none', (name) => {
    expect(mistakesOf({ [name]: '  ' })).toEqual(mistakesOf({ [name]: undefined }));
  });

  test.each(names)('uses a %s that makes no sense, or names it and not its value', (name) => {
    for (const value of nonsense) {
      const [mistake, ...more] = mistakesOf({ [name]: value });
      if (mistake === undefined) continue;
      expect(more).toEqual([]);
      expect(mistake).toMatch(new RegExp(`^  ${name} (must|is) .*[^ ]$`));
      if (value.length > 5) expect(mistake).not.toContain(value);
    }
  });

  test.each([
    ['aws', ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_IMAGE_ID']],
    ['hetzner', ['HETZNER_TOKEN']],
    ['gcp', ['GCP_PROJECT', 'GCP_ZONE', 'GCP_CREDENTIALS_FILE', 'GCP_IMAGE']],
  ])('with the cloud %s needs what that cloud needs, and nothing of the others', (provider, needed) => {
    const mistakes = mistakesOf({ CONTROL_PLANE_PROVIDERS: provider, HETZNER_TOKEN: undefined });
    expect(mistakes.map((line) => line.trim().split(' ')[0])).toEqual(needed);
  });

  test('needs no keys of aws where the machine has a role', () => {
    const aws = { CONTROL_PLANE_PROVIDERS: 'aws', AWS_REGION: 'x', AWS_IMAGE_ID: 'x', AWS_INSTANCE_ROLE: '1' };
    expect(mistakesOf(aws)).toEqual([]);
    expect(mistakesOf({ ...aws, AWS_INSTANCE_ROLE: 'false' })).toHaveLength(2);
  });

  test('is on its page, every variable with what it means', () => {
    const page = readFileSync(new URL('../../../docs/control-plane.md', import.meta.url), 'utf8');
    const rows = new Map(
      [...page.matchAll(/^\| `(?<name>[A-Z0-9_]+)` +\| (?<unset>[^|]+?) +\| (?<says>[^|]+?) +\|$/gm)].map(
        ({ groups }) => [groups?.['name'], groups?.['says']],
      ),
    );
    const shape: Readonly<Record<string, { description?: string | undefined }>> = ControlPlaneEnvironment.shape;
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(names.map((name) => [name, shape[name]?.description])));
  });
});
