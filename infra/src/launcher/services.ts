import path from 'node:path';
import { root } from '../root.ts';

export interface ServiceCommand {
  /** Arguments of Node. */
  readonly command: readonly string[];
  readonly cwd: string;
}

const of = (service: string, ...command: string[]): ServiceCommand => ({
  command,
  cwd: path.join(root, 'services', service),
});

/** How the services are run: as they were built, or from their sources with a new start at every change. */
export function serviceCommands(fromSource: boolean): Readonly<Record<'gateway' | 'worker', ServiceCommand>> {
  if (!fromSource) return { gateway: of('gateway', 'dist/main.js'), worker: of('worker', 'dist/main.js') };
  const watch = ['--watch', '--watch-preserve-output'];
  return {
    // Nest's decorators are beyond type stripping; the hook compiles them.
    gateway: of('gateway', ...watch, '--import', './register.mjs', 'src/main.ts'),
    worker: of('worker', ...watch, 'src/main.ts'),
  };
}
