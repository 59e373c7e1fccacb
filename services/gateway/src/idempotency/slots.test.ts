import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('lets no more pass at a time than there are slots, in the order they came', async () => {
  const slots = new Slots(3, 10_000);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      slots.pass(async () => {
        order.push(n);
        most = Math.max(most, (inside += 1));
        await Promise.resolve();
        inside -= 1;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test('gives the slot of a failed work on', async () => {
  const slots = new Slots(1, 10_000);
  const failed = slots.pass(() => Promise.reject(new Error('no')));
  const next = slots.pass(() => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('refuses who has waited too long, and nobody else', async () => {
  const slots = new Slots(1, 20);
  let release = () => {};
  const holding = slots.pass(() => new Promise<void>((resolve) => (release = resolve)));
  await expect(slots.pass(() => Promise.resolve())).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' });
  release();
  await holding;
  expect(await slots.pass(() => Promise.resolve('again'))).toBe('again');
});
