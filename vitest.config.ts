import path from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;
const packages = '{workflows,activities,prisma,infra,services/*}';
const generated = ['**/node_modules/**', '**/dist/**', '**/.data/**'];
/** One Postgres and one Temporal server for all the files of a run. */
const globalSetup = [path.join(root, 'infra/src/testing/global-setup.ts')];

export default defineConfig({
  test: {
    pool: 'forks',
    // A process of its own for every file would load the same modules again, which costs more than most files themselves.
    isolate: false,
    // Each live file may run workers, gateways and boxes of its own: a third at a time makes them late, and no faster.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', path.join(root, 'infra/src/testing/counted-line.ts')],
    projects: [
      // Beside the code: nothing but memory.
      {
        extends: true,
        root,
        test: {
          name: 'unit',
          include: [`${packages}/src/**/*.test.ts`],
          exclude: generated,
          sequence: { groupOrder: 0 },
        },
      },
      // On real Postgres, Temporal, Docker and processes.
      {
        extends: true,
        root,
        test: {
          name: 'live',
          include: [`${packages}/test/**/*.test.ts`],
          exclude: [...generated, '**/test/e2e/**'],
          globalSetup,
          // Generous: a loaded machine is slow, and what hangs is caught by the waits inside.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      // As a user would: through the launcher, the command line and HTTP.
      {
        extends: true,
        root,
        test: {
          name: 'e2e',
          include: [`${packages}/test/e2e/**/*.test.ts`],
          exclude: generated,
          globalSetup,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
