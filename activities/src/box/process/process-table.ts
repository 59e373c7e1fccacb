import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/**
 * What tells a process from another one that got its number later: when it started. Null when there is no such process,
 * or only its zombie, which is dead.
 */
export function startMark(pid: number): string | null {
  try {
    return process.platform === 'linux' ? linuxMark(pid) : otherMark(pid);
  } catch {
    return null;
  }
}

export const isAlive = (known: { pid: number; mark: string }): boolean => startMark(known.pid) === known.mark;

/** Fields of /proc/<pid>/stat after the name, which may itself hold spaces and brackets. */
function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function linuxMark(pid: number): string | null {
  const fields = statFields(pid);
  // Ticks since boot are only unique together with the boot.
  return isDead(fields[0]) ? null : `${bootId()}:${fields[19]}`;
}

function otherMark(pid: number): string | null {
  const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  return isDead(state) ? null : started.join(' ');
}

const isDead = (state: string | undefined): boolean => state === undefined || state === '' || /^[ZX]/.test(state);

/** The live processes that were given this environment variable, the one that leads its group first. */
export function processesWith(variable: string): number[] {
  const found = process.platform === 'linux' ? linuxWith(variable) : otherWith(variable);
  return found
    .filter((pid) => pid !== process.pid && startMark(pid) !== null)
    .sort((a, b) => Number(leads(b)) - Number(leads(a)) || a - b);
}

function linuxWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
      } catch {
        return false;
      }
    });
}

function otherWith(variable: string): number[] {
  const lines = execFileSync('ps', ['-axEww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  }).split('\n');
  return lines.filter((line) => line.split(/\s+/).includes(variable)).map((line) => Number.parseInt(line, 10));
}

function leads(pid: number): boolean {
  try {
    return process.platform === 'linux'
      ? Number(statFields(pid)[2]) === pid
      : Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' })) === pid;
  } catch {
    return false;
  }
}

/** Sends a signal to a process, or to its group with a negative number; false when there is none. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
