import { watch } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';

const folders = ['workflows/src', 'activities/src', 'prisma/src', 'services/gateway/src', 'services/worker/src'];
/** An editor saves in several steps, a branch is changed in many. */
const QUIET_MS = 300;

/** Calls back once the sources of the services have changed and are quiet again. Returns what ends it. */
export function watchSources(onChange: () => void): () => void {
  let waiting: NodeJS.Timeout | undefined;
  const watchers = folders.map((folder) =>
    watch(path.join(root, folder), { recursive: true }, (_event, name) => {
      if (name === null || !name.endsWith('.ts') || name.endsWith('.test.ts')) return;
      clearTimeout(waiting);
      waiting = setTimeout(onChange, QUIET_MS);
    }),
  );
  return () => {
    clearTimeout(waiting);
    for (const watcher of watchers) watcher.close();
  };
}
