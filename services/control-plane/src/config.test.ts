import { expect, describe, test } from 'vitest';
import { readConfig } from './config.ts';

const least = {
  DATABASE_URL: 'postgresql://127.0.0.1/holdfast',
  SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  HOLDFAST_OWNER: 'an-owner',
  CONTROL_PLANE_URL: 'https://cp.example/',
  CONTROL_PLANE_ORGANISATIONS: 'organisations.json',
  CONTROL_PLANE_PROVIDERS: 'hetzner',
  HETZNER_TOKEN: 'a-token',
};
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

  const aws = { CONTROL_PLANE_PROVIDERS: 'aws', AWS_REGION: 'x', AWS_IMAGE_ID: 'x', AWS_SECRET_ACCESS_KEY: 'a-secret' };

  test('refuses temporary keys of aws without the token that belongs to them', () => {
    const temporary = { ...aws, AWS_ACCESS_KEY_ID: 'ASIAXXXXXXXXXXXXXXXX' };
    expect(mistakesOf(temporary)).toEqual([
      expect.stringMatching(/^ {2}AWS_SESSION_TOKEN must be set to serve aws: .*temporary/),
    ]);
    expect(mistakesOf({ ...temporary, AWS_SESSION_TOKEN: 'a-token' })).toEqual([]);
    expect(mistakesOf({ ...aws, AWS_ACCESS_KEY_ID: 'AKIAXXXXXXXXXXXXXXXX' })).toEqual([]);
  });

  test.each(['HETZNER_TOKEN', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])(
    'refuses a %s that no request can carry, and does not say what it is',
    (name) => {
      for (const broken of ['a-credential of-two', 'a-credential\nbroken', 'a-credential-“quoted”']) {
        const mistakes = mistakesOf({
          ...aws,
          AWS_ACCESS_KEY_ID: 'AKIA',
          CONTROL_PLANE_PROVIDERS: 'aws,hetzner',
          [name]: broken,
        });
        expect(mistakes).toEqual([`  ${name} must be one line of letters, digits and signs, without spaces or quotes`]);
      }
      expect(mistakesOf({ [name]: ' a-credential+/=\n' })).toEqual([]);
    },
  );
});
