import { readFileSync, readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

/** The command line of a live process; undefined when there is none (a zombie has none either). */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The processes whose command line holds every one of the texts. A path of our own in it identifies a server better
 * than a recorded pid does: there is no file to go stale, and a recycled pid cannot match.
 */
export function processesNaming(...texts: readonly string[]): number[] {
  return allPids().filter((pid) => {
    if (pid === process.pid) return false;
    const command = commandOf(pid);
    return command !== undefined && texts.every((text) => command.includes(text));
  });
}

function allPids(): number[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  return execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
}
