import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const app = new URL('../src/app.ts', import.meta.url).href;
const config = new URL('../src/config.ts', import.meta.url).href;
const providers = new URL('../src/providers.ts', import.meta.url).href;

/** Names every module as it is loaded, also those that are compiled at once. */
const watcher = `
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    process.stdout.write(url + '\\n');
    return next(url, context);
  },
});
`;

/** The modules that a process has loaded which composes a control plane for clouds, and takes up some of them. */
function loadedFor(clouds: readonly string[], taken: readonly string[]): string[] {
  const env = {
    DATABASE_URL: 'postgresql://127.0.0.1:1/nowhere',
    SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    HOLDFAST_OWNER: 'this-control-plane',
    CONTROL_PLANE_URL: 'http://127.0.0.1:1',
    CONTROL_PLANE_ORGANISATIONS: 'organisations.json',
    CONTROL_PLANE_PROVIDERS: clouds.join(','),
    HETZNER_TOKEN: 'a-token',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'a-secret',
    AWS_IMAGE_ID: 'ami-1',
  };
  const program = `
    await import('${app}');
    const { readConfig } = await import('${config}');
    const { configuredProviders } = await import('${providers}');
    const clouds = configuredProviders(readConfig());
    for (const name of ${JSON.stringify(taken)}) await clouds.get(name);
  `;
  const hooks = `data:text/javascript,${encodeURIComponent(watcher)}`;
  const said = execFileSync(process.execPath, ['--import', hooks, '--input-type=module', '--eval', program], {
    env,
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    maxBuffer: 64 * 1_048_576,
  });
  return said.toString().split('\n');
}

const codeOf = {
  aws: /\/@aws-sdk\/client-ec2\//,
  hetzner: /\/provider\/hetzner\/hetzner-provider/,
  gcp: /\/provider\/gcp\/gcp-provider/,
} as const;
const cloudsIn = (modules: readonly string[]): string[] =>
  Object.entries(codeOf).flatMap(([name, code]) => (modules.some((module) => code.test(module)) ? [name] : []));

describe('the code of a cloud', () => {
  test('that is not served is not loaded, whatever else is', () => {
    expect(cloudsIn(loadedFor(['hetzner'], ['hetzner']))).toEqual(['hetzner']);
  });

  test('that is served is loaded when it is first asked for, and the SDK of aws is seen then', () => {
    expect(cloudsIn(loadedFor(['hetzner', 'aws'], []))).toEqual([]);
    expect(cloudsIn(loadedFor(['hetzner', 'aws'], ['aws']))).toEqual(['aws']);
  });
});
