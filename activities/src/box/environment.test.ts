import { describe, expect, test } from 'vitest';
import { type EnvironmentFacts, workspaceEnvironment } from './environment.ts';
import { type EnvMutator, MutatorError } from './mutators.ts';

const facts = (over: Partial<EnvironmentFacts> = {}): EnvironmentFacts => ({
  workspaceId: 'w',
  name: 'My Bot!',
  runtime: 'langgraph',
  role: null,
  parentId: null,
  model: null,
  firstProvision: true,
  ...over,
});
const env = async (
  over: Partial<EnvironmentFacts> = {},
  secrets: Record<string, string> = {},
  mutators: EnvMutator[] = [],
) => Object.fromEntries(await workspaceEnvironment(new Map(Object.entries(secrets)), facts(over), mutators));

describe('workspaceEnvironment', () => {
  test('gives the agent an identity for its commits', async () => {
    expect(await env()).toEqual({
      GIT_AUTHOR_NAME: 'Molecule AI My Bot!',
      GIT_COMMITTER_NAME: 'Molecule AI My Bot!',
      GIT_AUTHOR_EMAIL: 'my-bot@agents.moleculesai.app',
      GIT_COMMITTER_EMAIL: 'my-bot@agents.moleculesai.app',
    });
  });

  test('leaves an identity that is set by a secret, part by part', async () => {
    expect(await env({}, { GIT_AUTHOR_NAME: 'Ada' })).toMatchObject({
      GIT_AUTHOR_NAME: 'Ada',
      GIT_COMMITTER_NAME: 'Molecule AI My Bot!',
    });
  });

  test('gives no identity for a blank name', async () => {
    expect(await env({ name: '  ' })).toEqual({});
  });

  test('makes an address also of a name without letters it could use', async () => {
    expect(await env({ name: '\u0430\u0433\u0435\u043d\u0442' })).toMatchObject({
      GIT_AUTHOR_EMAIL: 'agent@agents.moleculesai.app',
    });
  });

  test.each([
    ['the model of the create at first', { model: 'a', firstProvision: true }, { MODEL_PROVIDER: 'b' }, 'a'],
    ['the model that was set since, later on', { model: 'a', firstProvision: false }, { MODEL_PROVIDER: 'b' }, 'b'],
    ['the model of the create as long as none was set', { model: 'a', firstProvision: false }, {}, 'a'],
    [
      'the model that is set where the create names none',
      { model: null, firstProvision: true },
      { MODEL_PROVIDER: 'b' },
      'b',
    ],
    ['nothing where there is none', { model: null, firstProvision: true }, {}, undefined],
  ])('tells hermes %s', async (_, over, secrets, expected) => {
    expect((await env({ runtime: 'hermes', ...over }, secrets as Record<string, string>))['HERMES_DEFAULT_MODEL']).toBe(
      expected,
    );
  });

  test('tells no other runtime the model of hermes', async () => {
    expect(await env({ model: 'a' })).not.toHaveProperty('HERMES_DEFAULT_MODEL');
  });

  test('names role and parent where there are some', async () => {
    expect(await env({ role: 'reviewer', parentId: 'p' })).toMatchObject({
      MOLECULE_AGENT_ROLE: 'reviewer',
      PARENT_ID: 'p',
    });
  });

  test.each([null, ''])('names neither role nor parent where they are %j', async (none) => {
    const names = Object.keys(await env({ role: none, parentId: none }));
    expect(names).not.toContain('MOLECULE_AGENT_ROLE');
    expect(names).not.toContain('PARENT_ID');
  });

  test('lets mutators change anything, in their order', async () => {
    const append = (text: string): EnvMutator => ({
      name: text,
      mutate: (_, map) => void map.set('SEEN', `${map.get('SEEN') ?? ''}${text}`),
    });
    expect(await env({ role: 'r' }, { SEEN: '0' }, [append('1'), append('2')])).toMatchObject({ SEEN: '012' });
  });

  test('ends at the first mutator that fails', async () => {
    let reached = false;
    const failing: EnvMutator = { name: 'github-app', mutate: () => Promise.reject(new Error('no installation')) };
    const after: EnvMutator = { name: 'after', mutate: () => void (reached = true) };
    await expect(env({}, {}, [failing, after])).rejects.toThrow(MutatorError);
    expect(reached).toBe(false);
  });
});
