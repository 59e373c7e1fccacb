import type { Machine } from './cloud.ts';

/** The machines of one cloud, and what they have said. */
export class Machines {
  private readonly running = new Map<string, Machine>();
  private readonly consoles = new Map<string, string>();
  private readonly listeners: (() => void)[] = [];

  add(machine: Machine): void {
    this.running.set(machine.id, machine);
    this.changed();
  }

  remove(id: string): void {
    if (this.running.delete(id)) this.changed();
  }

  all(): readonly Machine[] {
    return [...this.running.values()];
  }

  say(id: string, text: string): void {
    this.consoles.set(id, this.consoleOf(id) + text);
  }

  consoleOf(id: string): string {
    return this.consoles.get(id) ?? '';
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
