import { describe, expect, test } from 'vitest';
import { agentVariables, readConfig as readAgent } from '../../../services/agent/src/config.ts';
import { CliEnvironment, readConfig as readCli } from '../../../services/cli/src/config.ts';
import { ControlPlaneEnvironment, readConfig as readControlPlane } from '../../../services/control-plane/src/config.ts';
import { GatewayEnvironment, readConfig as readGateway } from '../../../services/gateway/src/config.ts';
import { readConfig as readWorker, WorkerConfig } from '../../../services/worker/src/config.ts';
import { LauncherEnvironment, readConfig as readLauncher } from '../launcher/config.ts';

type Environment = Readonly<Record<string, string>>;

const shared = {
  DATABASE_URL: 'postgresql://127.0.0.1/holdfast',
  SECRETS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
};

/** Every process with the least it needs. */
const processes: Readonly<
  Record<string, { names: string[]; needs: Environment; read(environment: Environment): object }>
> = {
  launcher: { names: Object.keys(LauncherEnvironment.shape), needs: {}, read: readLauncher },
  gateway: { names: Object.keys(GatewayEnvironment.shape), needs: shared, read: readGateway },
  worker: {
    names: Object.keys(WorkerConfig.shape),
    needs: { ...shared, HOLDFAST_OWNER: 'an-owner', HOLDFAST_WORKFLOW_BUNDLE: 'bundle.js' },
    read: readWorker,
  },
  'control plane': {
    names: Object.keys(ControlPlaneEnvironment.shape),
    needs: {
      ...shared,
      HOLDFAST_OWNER: 'an-owner',
      CONTROL_PLANE_URL: 'http://127.0.0.1:1',
      CONTROL_PLANE_ORGANISATIONS: 'organisations.json',
      CONTROL_PLANE_PROVIDERS: 'hetzner',
      HETZNER_TOKEN: 'a-token',
    },
    read: readControlPlane,
  },
  cli: { names: Object.keys(CliEnvironment.shape), needs: {}, read: readCli },
  agent: {
    names: Object.keys(agentVariables),
    needs: { WORKSPACE_ID: 'an-id', PLATFORM_URL: 'http://127.0.0.1:1' },
    read: readAgent,
  },
};

/** The wire contract gives the empty text a meaning of its own. */
const blankCounts = ['MOLECULE_IMAGE_PLATFORM'];
const nonsense = ['false', 'n0nsense', '-1', '1.5', '1e400', '[object Object]', '💥', '\0', ','];

const cases = Object.entries(processes).flatMap(([process, { names }]) => names.map((name) => ({ process, name })));

/** What a process makes of its environment: its configuration, or the text of its refusal. */
function outcome(process: string, change: Environment): { config?: object; mistakes?: string } {
  const { read, needs } = processes[process]!;
  const environment = Object.fromEntries(
    Object.entries({ ...needs, ...change }).filter(([, value]) => value !== undefined),
  );
  try {
    return { config: read(environment) };
  } catch (error) {
    return { mistakes: (error as Error).message };
  }
}

describe('the environment', () => {
  const blank = cases.filter(({ name }) => !blankCounts.includes(name));

  test.each(blank)('a blank $name of the $process means the same as none', ({ process, name }) => {
    const none = outcome(process, { [name]: undefined as never });
    expect(outcome(process, { [name]: '' })).toEqual(none);
    expect(outcome(process, { [name]: '  ' })).toEqual(none);
  });

  test.each(cases)(
    'a $name that makes no sense to the $process is used or named as the mistake',
    ({ process, name }) => {
      for (const value of nonsense) {
        const { mistakes } = outcome(process, { [name]: value });
        if (mistakes === undefined) continue;
        expect(mistakes.split('\n').at(-1)).toMatch(new RegExp(`^ *${name} (must|is) .*[^ ]$`));
        if (value.length > 4) expect(mistakes).not.toContain(value);
      }
    },
  );

  const switches = cases.filter(({ process, name }) => {
    const { config } = outcome(process, {});
    return typeof (config as Record<string, unknown>)[name] === 'boolean';
  });

  test('has the switches that are known', () => {
    expect(switches.map(({ name }) => name).sort()).toEqual([
      'ADOPT_UNOWNED',
      'AWS_INSTANCE_ROLE',
      'HOLDFAST_LAUNCHER',
      'IMAGE_AUTO_REFRESH',
      'MOLECULE_ENABLE_TEST_TOKENS',
    ]);
  });

  test.each(switches)('$name of the $process is off for the texts "false" and "0"', ({ process, name }) => {
    const read = (value: string) => (outcome(process, { [name]: value }).config as Record<string, unknown>)[name];
    expect(['false', '0', 'no', 'true', '1', 'yes'].map(read)).toEqual([false, false, false, true, true, true]);
  });
});

test.each(Object.keys(processes))('the %s lists all its mistakes at once', (process) => {
  const { names } = processes[process]!;
  const { mistakes } = outcome(process, Object.fromEntries(names.map((name) => [name, 'n0nsense'])));
  const alone = names.filter((name) => outcome(process, { [name]: 'n0nsense' }).mistakes !== undefined);
  for (const name of alone) expect(mistakes).toContain(name);
  expect(alone.length).toBeGreaterThan(0);
});
