import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseTemplate, type TemplateWish } from '@holdfast/activities/workspace/template-choice';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let base: string;
const roots = () => ({ templates: path.join(base, 'templates'), orgTemplates: path.join(base, 'org') });
const template = (directory: string, config?: string) => {
  mkdirSync(path.join(base, directory), { recursive: true });
  if (config !== undefined) writeFileSync(path.join(base, directory, 'config.yaml'), config);
};

beforeAll(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'holdfast-templates-'));
  template('templates/code-reviewer', 'name: Anything');
  template('templates/by-name', 'name: "The Analyst"');
  template('templates/ws-1234', 'name: "Left Over"');
  template('templates/broken', 'name: [');
  template('templates/hermes-default', 'name: Hermes');
  template('org/the-analyst', 'name: Org Analyst');
});
afterAll(() => rmSync(base, { recursive: true }));

const choose = (name: string, runtime: string, wish: TemplateWish) => chooseTemplate(roots(), { name, runtime }, wish);

describe('the template of a restart', () => {
  test.each<[string, string, string, TemplateWish, string]>([
    [
      'nothing asked: left alone, whatever the name matches (incident 31)',
      'Code Reviewer',
      'hermes',
      {},
      'existing-volume',
    ],
    ['the one that is named', 'Any', 'hermes', { template: 'by-name' }, 'by-name'],
    [
      'the one that is named comes before the name',
      'Code Reviewer',
      'hermes',
      { template: 'by-name', applyTemplate: true },
      'by-name',
    ],
    ['one that is named and missing is passed over', 'Any', 'hermes', { template: 'nowhere' }, 'existing-volume'],
    [
      'one that leads out of the root is passed over',
      'Any',
      'hermes',
      { template: '../org/the-analyst' },
      'existing-volume',
    ],
    ['the directory called like the workspace', 'Code Reviewer', 'hermes', { applyTemplate: true }, 'code-reviewer'],
    ['the one whose config names it, in any case', 'the analyst', 'hermes', { applyTemplate: true }, 'by-name'],
    ['never a directory of a workspace', 'Left Over', 'x', { applyTemplate: true }, 'existing-volume'],
    ["the runtime's default", 'Nobody', 'hermes', { applyTemplate: true }, 'hermes-default'],
    ["the organisation's", 'The Analyst', 'hermes', { rebuildConfig: true }, 'org-templates/the-analyst'],
    [
      'the name before the organisation',
      'The Analyst',
      'hermes',
      { applyTemplate: true, rebuildConfig: true },
      'by-name',
    ],
    [
      'the organisation before the runtime',
      'The Analyst',
      'hermes',
      { template: 'x', rebuildConfig: true },
      'org-templates/the-analyst',
    ],
    [
      'a runtime cannot lead out of the root',
      'Nobody',
      '../org/the-analyst',
      { applyTemplate: true },
      'existing-volume',
    ],
  ])('is %s', async (_, name, runtime, wish, label) => {
    const choice = await choose(name, runtime, wish);
    expect(choice).toEqual({ label, template: label === 'existing-volume' ? null : label });
  });

  test('is none where there are no templates at all', async () => {
    const none = { templates: null, orgTemplates: null };
    const choice = await chooseTemplate(
      none,
      { name: 'x', runtime: 'hermes' },
      { applyTemplate: true, rebuildConfig: true },
    );
    expect(choice).toEqual({ label: 'existing-volume', template: null });
  });
});
