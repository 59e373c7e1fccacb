import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BoxFile } from './backend.ts';

/** Files an agent's system reads as text, which a checkout on Windows may have given other line ends. */
const unixText: ReadonlySet<string> = new Set(['.sh', '.py', '.md']);

/** The directory of a template inside the root; null when there is none, or when the name leads out of the root. */
export async function findTemplate(root: string | null, name: string): Promise<string | null> {
  if (root === null || name === '') return null;
  try {
    const inside = await realpath(root);
    const found = await realpath(path.join(inside, name));
    const way = path.relative(inside, found);
    if (way === '' || way.startsWith('..') || path.isAbsolute(way)) return null;
    return (await stat(found)).isDirectory() ? found : null;
  } catch {
    return null;
  }
}

/** Every file of a template. Links are left out: they may lead anywhere. */
export async function readTemplate(directory: string): Promise<BoxFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => ({
      path: path.relative(directory, file).split(path.sep).join('/'),
      content: withUnixLines(file, await readFile(file)),
    })),
  );
}

/** Byte for byte but for the line ends, whatever the encoding. */
const withUnixLines = (file: string, content: Buffer): Buffer =>
  unixText.has(path.extname(file).toLowerCase())
    ? Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    : content;
