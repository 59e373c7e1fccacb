import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** What a process has used. */
export interface Usage {
  readonly pid: number;
  readonly parent: number;
  /** Resident memory. */
  readonly bytes: number;
  /** Processor time since it began, in milliseconds. */
  readonly cpuMs: number;
  /** That of its children who have ended; 0 where the system does not tell. */
  readonly endedCpuMs: number;
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
  const endedCpuMs = sum((usage) => usage.endedCpuMs);
  return {
    pid,
    parent: 0,
    bytes: sum(({ bytes }) => bytes),
    cpuMs: sum(({ cpuMs }) => cpuMs) + endedCpuMs,
    endedCpuMs,
  };
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
        const at = (place: number): number => fields[place] ?? 0;
        const [cpuMs, endedCpuMs] = [(at(11) + at(12)) * TICK_MS, (at(13) + at(14)) * TICK_MS];
        return [{ pid: Number(name), parent: at(1), bytes: at(21) * PAGE_BYTES, cpuMs, endedCpuMs }];
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
    return {
      pid: Number(pid),
      parent: Number(parent),
      bytes: Number(kilobytes) * 1_024,
      cpuMs: seconds * 1_000,
      endedCpuMs: 0,
    };
  });
}
