import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** True when this very process listens on the TCP port: an answer on a port may come from somebody else's server. */
export function listensOn(pid: number, port: number): boolean {
  try {
    return process.platform === 'linux' ? linuxListens(pid, port) : otherListens(pid, port);
  } catch {
    return false; // the process is gone, or is not ours to look at
  }
}

function linuxListens(pid: number, port: number): boolean {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(`/proc/${pid}/net/${table}`, port)));
  if (inodes.size === 0) return false;
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((entry) => inodes.has(linkOf(`${folder}/${entry}`)));
}

const LISTENING = '0A';

function listeningInodes(table: string, port: number): string[] {
  const rows = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // closed since it was listed
  }
}

function otherListens(pid: number, port: number): boolean {
  const args = ['-nP', '-a', '-p', String(pid), `-iTCP:${port}`, '-sTCP:LISTEN', '-t'];
  return execFileSync('lsof', args, { encoding: 'utf8' }).trim() !== '';
}
