import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Client } from '@temporalio/client';

/** One run as Temporal keeps it, in the JSON of its command line. */
export type History = Record<string, unknown>;

const folder = path.join(import.meta.dirname, '../../../../workflows/test/histories');

export async function historyOf(client: Client, id: string, runId?: string): Promise<History> {
  const history = await client.workflow.getHandle(id, runId).fetchHistory();
  return JSON.parse(historyToJSON(history)) as History;
}

/** Who worked on it, and where its code was, is no part of what happened: it names a machine and its folders. */
function anonymous(history: History): History {
  const text = JSON.stringify(history, (name, value: unknown) => (name === 'stackTrace' ? '' : value));
  return JSON.parse(text.replace(/"\d+@[^"]*"/g, '"recorded"')) as History;
}

/** Keeps a history among those that every later version of the workflows has to replay. */
export function store(name: string, history: History): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(anonymous(history), null, 1)}\n`);
}
