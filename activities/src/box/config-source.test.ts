import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configYamlOf, firstConfig, recoveredConfig } from './config-source.ts';
import { findTemplate, readTemplate } from './template-directory.ts';

let root: string;
const put = async (file: string, content: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), content);
};
beforeAll(async () => {
  const base = await mkdtemp(path.join(os.tmpdir(), 'holdfast-templates-'));
  root = path.join(base, 'templates');
  await put('team/config.yaml', 'name: team\r\n');
  await put('team/run.sh', 'a\r\nb\r\n');
  await put('team/skills/x/SKILL.md', '# x\r\n');
  await put('team/tool.PY', 'p\r\n');
  await put('team/data.bin', '\r\n');
  await put('crewai-default/config.yaml', 'name: default\n');
  await put('autogen/config.yaml', 'name: plain\n');
  await put('empty-default/readme.md', 'no config here\n');
  await put('empty/config.yaml', 'name: second choice\n');
  await put('../outside/config.yaml', 'name: outside\n');
  await symlink(path.join(base, 'outside'), path.join(root, 'linked'));
  await symlink(path.join(base, 'outside/config.yaml'), path.join(root, 'team/stolen'));
});
afterAll(() => rm(path.dirname(root), { recursive: true }));

const first = (template: string | null, runtime = 'langgraph') =>
  firstConfig(root, { template, runtime, name: 'Bot', role: null, tier: 1, model: null }).then(configYamlOf);

describe('firstConfig', () => {
  test('takes the template by its name', async () => {
    expect(await first('team')).toBe('name: team\r\n');
  });

  test('takes the default of the runtime where no template is named', async () => {
    expect(await first(null, 'crewai')).toBe('name: default\n');
  });

  test('takes the default of the runtime where the template is not there', async () => {
    expect(await first('nobody', 'crewai')).toBe('name: default\n');
  });

  test('makes a configuration where there is no template at all', async () => {
    expect(await first(null)).toContain('name: "Bot"');
  });

  test('makes a configuration where there is no template root', async () => {
    const files = await firstConfig(null, {
      template: 'team',
      runtime: 'crewai',
      name: 'Bot',
      role: null,
      tier: 1,
      model: null,
    });
    expect(configYamlOf(files)).toContain('name: "Bot"');
  });
});

describe('recoveredConfig', () => {
  test.each([
    ['the default of the runtime', 'crewai', 'name: default\n'],
    ['the template that is called like the runtime', 'autogen', 'name: plain\n'],
    ['the second where the first has no configuration', 'empty', 'name: second choice\n'],
  ])('takes %s', async (_, runtime, expected) => {
    expect(configYamlOf((await recoveredConfig(root, runtime)) ?? [])).toBe(expected);
  });

  test('finds nothing for a runtime without templates', async () => {
    expect(await recoveredConfig(root, 'hermes')).toBeNull();
  });
});

describe('a template', () => {
  test.each(['../outside', 'team/../../outside', '/etc', 'linked', '.', '', 'team/run.sh', 'nobody'])(
    'is not found under %j',
    async (name) => {
      expect(await findTemplate(root, name)).toBeNull();
    },
  );

  test('brings its files, without those that are links', async () => {
    const files = await readTemplate(path.join(root, 'team'));
    expect(files.map((file) => file.path)).toEqual([
      'config.yaml',
      'data.bin',
      'run.sh',
      'skills/x/SKILL.md',
      'tool.PY',
    ]);
  });

  test('brings scripts and prompts with the line ends their readers know, and nothing else changed', async () => {
    const files = await readTemplate(path.join(root, 'team'));
    const text = (name: string) => Buffer.from(files.find((file) => file.path === name)?.content ?? []).toString();
    expect([text('run.sh'), text('skills/x/SKILL.md'), text('tool.PY')]).toEqual(['a\nb\n', '# x\n', 'p\n']);
    expect([text('config.yaml'), text('data.bin')]).toEqual(['name: team\r\n', '\r\n']);
  });
});
