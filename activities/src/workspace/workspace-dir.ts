import path from 'node:path';

const systemFolders = ['/etc', '/var', '/proc', '/sys', '/dev', '/boot', '/sbin', '/bin', '/lib', '/usr'];

/** Whether a host directory may be mounted into a box: absolute, without a way up, and not the system's own. */
export function isMountable(directory: string): boolean {
  if (!directory.startsWith('/') || directory.includes('\0') || directory.split('/').includes('..')) return false;
  const plain = path.posix.normalize(directory).replace(/(?<=.)\/$/, '');
  // The root holds all of them.
  return plain !== '/' && !systemFolders.some((folder) => plain === folder || plain.startsWith(`${folder}/`));
}
