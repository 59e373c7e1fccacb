import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** What a process has used. */
export interface Usage {
  readonly pid: number;
  readonly parent: number;
  /** Resident memory. */
  readonly bytes: number;
  /** Processor time since it began. */
  readonly cpuMs: number;
}

/** Linux counts processor time in hundredths of a second and memory in pages of this size. */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

/** Every process of the machine. */
function usageOfAll(): Usage[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

/** Of one process; @throws Error when it is gone */
export function usageOf(pid: number): Usage {
  const found = usageOfAll().find((usage) => usage.pid === pid);
  if (!found) throw new Error(`process ${pid} is gone`);
  return found;
}

/** Of a process and its children together. */
export function usageOfTree(pid: number): Usage {
  const all = usageOfAll().filter((usage) => usage.pid === pid || usage.parent === pid);
  const sum = (of: (usage: Usage) => number): number => all.reduce((total, usage) => total + of(usage), 0);
  return { pid, parent: 0, bytes: sum(({ bytes }) => bytes), cpuMs: sum(({ cpuMs }) => cpuMs) };
}

function fromProc(): Usage[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'latin1');
        // The name of the program, in brackets, may hold anything.
        const fields = text
          .slice(text.lastIndexOf(')') + 2)
          .split(' ')
          .map(Number);
        const [parent, user, system, pages] = [fields[1], fields[11], fields[12], fields[21]] as [
          number,
          number,
          number,
          number,
        ];
        return [{ pid: Number(name), parent, bytes: pages * PAGE_BYTES, cpuMs: (user + system) * TICK_MS }];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

function fromPs(): Usage[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,rss=,time='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid = '', parent = '', kilobytes = '', time = ''] = line.trim().split(/\s+/);
    const seconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
    return { pid: Number(pid), parent: Number(parent), bytes: Number(kilobytes) * 1_024, cpuMs: seconds * 1_000 };
  });
}
