import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadRuntimes, parseRuntimes, type RuntimeOverrides } from './runtimes.ts';

const file = fileURLToPath(new URL('../../../infra/runtimes.yaml', import.meta.url));
const shipped = (overrides: RuntimeOverrides = {}) => loadRuntimes(file, overrides);

describe('the shipped runtimes', () => {
  test('are those of the wire contract, and ours', async () => {
    const ours = [
      'autogen',
      'claude-code',
      'codex',
      'crewai',
      'deepagents',
      'gemini-cli',
      'hermes',
      'langgraph',
      'openclaw',
      'reference',
    ];
    expect((await shipped()).names.toSorted()).toEqual(ours);
  });

  test.each([
    ['crewai', 'images.example/team/workspace-template-crewai:latest'],
    ['codex', 'images.example/team/workspace-template-langgraph:latest'],
    ['unheard-of', 'images.example/team/workspace-template-langgraph:latest'],
    ['constructor', 'images.example/team/workspace-template-langgraph:latest'],
  ])('run %s in %s', async (name, image) => {
    expect((await shipped({ registry: 'images.example/team/' })).find(name).image).toBe(image);
  });

  test('are found by the engine itself when no registry is named', async () => {
    expect((await shipped()).find('crewai').image).toBe('workspace-template-crewai:latest');
  });

  test('run an unknown name as langgraph also where a name becomes part of a path', async () => {
    expect((await shipped()).find('../../etc').name).toBe('langgraph');
  });

  test.each([
    ['langgraph', 600],
    ['hermes', 1800],
    ['unheard-of', 600],
  ])('give %s %i seconds to register', async (name, seconds) => {
    expect((await shipped()).deadlineMs(name)).toBe(seconds * 1000);
  });
});

describe('deadlineMs', () => {
  test('takes the longest that a template says, never a shorter one', async () => {
    const runtimes = await shipped();
    const declared = new Map([
      ['langgraph', 900_000],
      ['hermes', 60_000],
    ]);
    expect([runtimes.deadlineMs('langgraph', declared), runtimes.deadlineMs('hermes', declared)]).toEqual([
      900_000, 1_800_000,
    ]);
  });

  test('is what the operator says, for every runtime', async () => {
    const runtimes = await shipped({ provisionTimeoutSeconds: 5 });
    expect(runtimes.deadlineMs('hermes', new Map([['hermes', 900_000]]))).toBe(5_000);
  });
});

describe('parseRuntimes', () => {
  test('prefers an image that was built locally', async () => {
    expect((await shipped({ images: { reference: 'mine:1' } })).find('reference').image).toBe('mine:1');
  });

  test.each([
    ['fallback: a\nprovisionTimeoutSeconds: 1\nruntimes: {b: {image: x}}', /fallback "a"/],
    ['fallback: b\nprovisionTimeoutSeconds: 0\nruntimes: {b: {image: x}}', /provisionTimeoutSeconds/],
    ['fallback: b\nprovisionTimeoutSeconds: 1\nruntimes: {b: {image: x, cpu: 1}}', /cpu/],
    ['fallback: b\nprovisionTimeoutSeconds: 1\nruntimes: {"../b": {image: x}}', /runtimes\["..\/b"\]/],
  ])('refuses %j and names the mistake', (text, mistake) => {
    expect(() => parseRuntimes(text)).toThrow(mistake);
  });
});
