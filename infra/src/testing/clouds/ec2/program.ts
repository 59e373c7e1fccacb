import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from '../../../failure.ts';
import { run } from '../../../process/run.ts';
import { root } from '../../../root.ts';

const EMULATOR_VERSION = '5.2.5';
/** The emulator, and what serves it over HTTP: its own extra for that brings four times as much. */
const packages = [`moto[ec2]==${EMULATOR_VERSION}`, 'flask==3.1.3', 'flask-cors==6.0.5'];

/**
 * The folder with the EC2 emulator and all that it needs, fetched from PyPI once; takes half a minute then.
 * @throws StartFailure when it cannot be had
 */
export async function findEc2Emulator(): Promise<string> {
  const folder = path.join(root, `.tools/moto-${EMULATOR_VERSION}`);
  if (existsSync(folder)) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  const partial = mkdtempSync(path.join(path.dirname(folder), '.partial-'));
  try {
    const options = [
      '-q',
      '--disable-pip-version-check',
      '--no-compile',
      '--root-user-action=ignore',
      '--target',
      partial,
    ];
    const { code, output } = await run('python3', ['-m', 'pip', 'install', ...options, ...packages]);
    if (code !== 0) {
      const why = output.trim().split('\n').at(-1);
      throw new StartFailure(`The EC2 emulator cannot be had from PyPI (${why}): it needs Python 3 with pip.`);
    }
    // Another test run may be doing the same: the folder is whole whenever it is there.
    try {
      renameSync(partial, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
    return folder;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
