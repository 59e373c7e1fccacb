import { processBackend } from '@holdfast/activities/box/process/backend';

/**
 * Ends the boxes of this installation that are processes of this machine; those of other installations and those in
 * containers go on.
 * @returns how many there were
 */
export async function stopProcessBoxes(directory: string, owner: string): Promise<number> {
  const boxes = processBackend({ owner, directory, agent: { command: [process.execPath], baseEnv: {} } });
  const running = (await boxes.list()).filter((box) => box.running);
  await Promise.all(running.map((box) => boxes.stop(box)));
  return running.length;
}
