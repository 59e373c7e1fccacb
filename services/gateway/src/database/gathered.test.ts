import { expect, test } from 'vitest';
import { gathered } from './gathered.ts';

/** A read that ends when it is told to. */
function scriptedRead() {
  const ends: ((value: number | Error) => void)[] = [];
  const read = () =>
    new Promise<number>((resolve, reject) => {
      ends.push((value) => (value instanceof Error ? reject(value) : resolve(value)));
    });
  return { ends, read: gathered(read) };
}

test('those who come while a read runs share the next one', async () => {
  const { ends, read } = scriptedRead();
  const first = read();
  const later = [read(), read(), read()];
  expect(ends).toHaveLength(1);
  ends[0]?.(1);
  expect(await first).toBe(1);
  await Promise.resolve();
  expect(ends).toHaveLength(2);
  ends[1]?.(2);
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
});

test('a read that fails fails its own callers only', async () => {
  const { ends, read } = scriptedRead();
  const first = read();
  const second = read();
  ends[0]?.(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await Promise.resolve();
  ends[1]?.(2);
  expect(await second).toBe(2);
});

test('nobody gets a read that began before the request', async () => {
  let version = 0;
  const read = gathered(async () => {
    const seen = version;
    await Promise.resolve();
    return seen;
  });
  const answers: Promise<void>[] = [];
  for (let n = 0; n < 50; n += 1) {
    const expected = (version += 1);
    answers.push(read().then((seen) => expect(seen).toBeGreaterThanOrEqual(expected)));
    if (n % 7 === 0) await Promise.resolve();
  }
  await Promise.all(answers);
});
