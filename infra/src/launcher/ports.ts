import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { portIsFree } from '../process/ports.ts';

const preferred = { api: 8080, temporal: 7233, temporalUi: 8233, postgres: 5432 } as const;
export type PortName = keyof typeof preferred;

const TRIES = 5;

/** The ports of one installation: those it had before when they are free, else the usual ones, else the next free. */
export class Ports {
  private readonly file: string;
  private readonly known: Partial<Record<PortName, number>>;
  private readonly taken = new Set<number>();

  constructor(data: string) {
    this.file = path.join(data, 'ports.json');
    this.known = readPorts(this.file);
  }

  /** A port that is free now on each of the addresses, remembered for the next start. */
  async choose(name: PortName, addresses: readonly string[] = ['127.0.0.1']): Promise<number> {
    const candidates = [this.known[name], ...Array.from({ length: 200 }, (_, step) => preferred[name] + step)];
    for (const port of candidates) {
      if (port === undefined || this.taken.has(port) || !(await this.isFree(port, addresses))) continue;
      this.keep(name, port);
      return port;
    }
    throw new Error(`no free port from ${preferred[name]} on`);
  }

  /** True when nothing listens on the port at any of the addresses. */
  async isFree(port: number, addresses: readonly string[]): Promise<boolean> {
    return (await Promise.all(addresses.map((address) => portIsFree(port, address)))).every(Boolean);
  }

  /** Remembers a port that something already has. */
  keep(name: PortName, port: number): void {
    this.taken.add(port);
    this.known[name] = port;
    writeFileSync(this.file, `${JSON.stringify(this.known, null, 2)}\n`);
  }

  /** Starts something on a free port; again on another one when somebody was faster. */
  async startOn<T>(name: PortName, start: (port: number) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const port = await this.choose(name);
      try {
        return await start(port);
      } catch (error) {
        if (tries === TRIES || (await portIsFree(port))) throw error;
      }
    }
  }
}

function readPorts(file: string): Partial<Record<PortName, number>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<PortName, number>>;
  } catch {
    return {}; // the first start, or one that was killed while it wrote: the ports are chosen anew
  }
}
