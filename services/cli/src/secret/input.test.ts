import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { aWorld } from '../../test/support/world.ts';
import { gatherSecrets, secretValue } from './input.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string): string => {
  const name = path.join(folder, `${Math.random()}`);
  writeFileSync(name, text);
  return name;
};

test('takes a value as it stands behind the first equals sign', async () => {
  const { world } = aWorld();
  expect(await gatherSecrets(world, { secret: ['A=1', 'B=x=y==', 'EMPTY='] })).toEqual({
    A: '1',
    B: 'x=y==',
    EMPTY: '',
  });
});

test('asks the person at the terminal for a secret without a value', async () => {
  const { world, questions } = aWorld({ columns: 80, answers: ['first', 'second'] });
  expect(await gatherSecrets(world, { secret: ['A', 'B'] })).toEqual({ A: 'first', B: 'second' });
  expect(questions).toEqual(['Value of A', 'Value of B']);
});

test('reads a secret without a value from standard input, without its last line end', async () => {
  const { world } = aWorld({ input: '-----KEY-----\nline\n' });
  expect(await gatherSecrets(world, { secret: ['A'] })).toEqual({ A: '-----KEY-----\nline' });
});

test('reads files of secrets, and lets a single one win', async () => {
  const { world } = aWorld({ input: 'C=3\n' });
  const first = file('# comment\nA=1\nexport B="two words"\n\nMULTI="a\nb"\n');
  expect(await gatherSecrets(world, { secretFile: [first, '-'], secret: ['A=one'] })).toEqual({
    A: 'one',
    B: 'two words',
    MULTI: 'a\nb',
    C: '3',
  });
});

test('refuses two that both want standard input', async () => {
  const { world } = aWorld({ input: 'x' });
  await expect(gatherSecrets(world, { secret: ['A', 'B'] })).rejects.toMatchObject({ exit: 'usage' });
  await expect(gatherSecrets(world, { secret: ['A'], secretFile: ['-'] })).rejects.toMatchObject({ exit: 'usage' });
});

test('refuses a file without a secret, one that is not there, and a secret without a name', async () => {
  const { world } = aWorld();
  await expect(gatherSecrets(world, { secretFile: [file('nothing here')] })).rejects.toThrow('no KEY=VALUE line');
  await expect(gatherSecrets(world, { secretFile: [path.join(folder, 'none')] })).rejects.toThrow(
    'cannot be read (ENOENT)',
  );
  await expect(gatherSecrets(world, { secret: ['=x'] })).rejects.toThrow('needs a name');
});

test('refuses to save an empty value', async () => {
  await expect(secretValue(aWorld({ input: '\n' }).world, 'A', undefined)).rejects.toThrow('The value of A is empty.');
  await expect(secretValue(aWorld().world, 'A', file(''))).rejects.toThrow('is empty');
});

test('prefers a file or standard input over the person when told to', async () => {
  const { world, questions } = aWorld({ columns: 80, input: 'from input' });
  expect(await secretValue(world, 'A', file('from file\n'))).toBe('from file');
  expect(await secretValue(world, 'A', '-')).toBe('from input');
  expect(questions).toEqual([]);
});
