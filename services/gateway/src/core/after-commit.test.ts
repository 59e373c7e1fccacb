import { pino } from 'pino';
import { expect, test } from 'vitest';
import { AfterCommit } from './after-commit.ts';

/** Pokes that end when they are told to. */
function given() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const begin = (name: string): Promise<void> => {
    begun.push(name);
    return new Promise((resolve) => ends.push(resolve));
  };
  const poker = { poke: begin, pokeTree: (rootId: string) => begin(`tree ${rootId}`) };
  return { begun, ends, after: new AfterCommit(poker, pino({ level: 'silent' })) };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('pokes a few at once, the rest in turn, and of those that wait each once', async () => {
  const { begun, ends, after } = given();
  for (let n = 0; n < 10; n += 1) after.poke(`w${n}`);
  after.poke('w9');
  after.pokeTree('w9');
  expect(begun).toHaveLength(8);
  while (ends.length > 0) {
    ends.shift()?.();
    await settled();
  }
  expect(begun.slice(8)).toEqual(['w8', 'w9', 'tree w9']);
});

test('what is poked while the last one ends is not left behind', async () => {
  const { begun, ends, after } = given();
  after.poke('first');
  ends.shift()?.();
  after.poke('second');
  await settled();
  expect(begun).toEqual(['first', 'second']);
});

test('a stop waits for what is under way, and begins nothing more', async () => {
  const { begun, ends, after } = given();
  for (let n = 0; n < 9; n += 1) after.poke(`w${n}`);
  let stopped = false;
  const stop = after.onApplicationShutdown().then(() => (stopped = true));
  await settled();
  expect(stopped).toBe(false);
  for (const end of ends) end();
  await stop;
  expect(begun).toHaveLength(8);
});
