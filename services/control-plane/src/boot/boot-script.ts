import type { BootPackage } from './package.ts';

const CONFIGS = '/var/lib/holdfast/configs';

/** The package as text that a shell takes in: names, values and files arrive exactly as they are. */
export function bootScript({ image, env, files, overwrite = false }: BootPackage): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  const writes = Object.entries(files).flatMap(([path, content]) => {
    const target = `${CONFIGS}/${path}`;
    const folder = target.slice(0, target.lastIndexOf('/'));
    // What the user has edited on a disk that was kept is worth more, unless he asked for other files.
    const unlessThere = overwrite ? '' : `[ -e ${quoted(target)} ] || `;
    return [`mkdir -p ${quoted(folder)}`, `${unlessThere}printf %s ${quoted(content)} | base64 -d > ${quoted(target)}`];
  });
  return [
    ...variables,
    `HOLDFAST_NAMES=${quoted(Object.keys(env).join(' '))}`,
    `HOLDFAST_IMAGE=${quoted(image)}`,
    ...writes,
    '',
  ].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
