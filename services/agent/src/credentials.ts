import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

const names = { token: '.auth_token', inboundSecret: '.platform_inbound_secret' } as const;

/** The credential files of the box. They are read again for every use: the platform may have replaced them. */
export interface Credentials {
  /** Null when the file is missing or empty. */
  read(which: keyof typeof names): Promise<string | null>;
  /** Replaces the file in one step, readable by its owner only. */
  store(which: keyof typeof names, value: string): Promise<void>;
}

export function credentialFiles(directory: string): Credentials {
  const fileOf = (which: keyof typeof names): string => path.join(directory, names[which]);
  return {
    async read(which) {
      try {
        return (await readFile(fileOf(which), 'utf8')).trim() || null;
      } catch {
        return null;
      }
    },
    async store(which, value) {
      await replaceFile(fileOf(which), value);
    },
  };
}

/** Writes a file so that a reader sees the old or the new content, never a part. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const partial = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(partial, content, { mode: 0o600 });
  await rename(partial, file);
}
