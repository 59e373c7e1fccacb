/**
 * What tests on real parts stand on. Put `"@holdfast/infra": "workspace:*"` into your devDependencies, keep the file in
 * the `test` folder of its package, and import from `@holdfast/infra/testing/index`. One Postgres and one Temporal server
 * serve the whole run; DATABASE_URL or TEMPORAL_ADDRESS put servers of your own in their place.
 */
export { askedSeed, type Chance, chanceOf } from './chance.ts';
export { type TestDatabase, testDatabase } from './database.ts';
export { historyText } from './history-text.ts';
export { isLockAwaited } from './is-lock-awaited.ts';
export { hasDocker } from './provided.ts';
export { quietRuntime } from './quiet-runtime.ts';
export { replayed } from './replayed.ts';
export { type TestTemporal, testTemporal, uniqueId } from './temporal.ts';
export { type TestWorker, testWorker } from './worker.ts';
export { workflowBundle } from './workflow-bundle.ts';
export { waitFor } from '../process/wait-for.ts';
