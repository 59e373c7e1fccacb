import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**', '**/.data/**'];
const packages = '{workflows,activities,prisma,infra,services/*}';

export default defineConfig({
  test: {
    pool: 'forks',
    // Each live file may run a worker, a gateway and boxes of its own.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        root: import.meta.dirname,
        test: { name: 'unit', include: [`${packages}/src/**/*.test.ts`], exclude },
      },
      {
        extends: true,
        root: import.meta.dirname,
        test: {
          name: 'live',
          include: [`${packages}/test/**/*.test.ts`],
          exclude,
          globalSetup: ['infra/src/testing/global-setup.ts'],
        },
      },
    ],
  },
});
