import { afterEach, expect, test, vi } from 'vitest';
import { stopProcess } from './stop.ts';

afterEach(() => vi.restoreAllMocks());

test.each([-1, 0, 1, 1.5, Number.NaN, -4321])('refuses %d, which is not the number of one process', async (pid) => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  await expect(stopProcess(pid, '', 10)).rejects.toThrow(RangeError);
  expect(kill).not.toHaveBeenCalled();
});

test('leaves a process alone that is not the one it was', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  await stopProcess(process.pid, 'a text that is on no command line', 10);
  expect(kill).not.toHaveBeenCalled();
});
