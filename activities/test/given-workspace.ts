import { randomUUID } from 'node:crypto';
import type { Database, Prisma } from '@holdfast/prisma';

/** A workspace row; a test states only what it is about. Returns its id. */
export async function givenWorkspace(db: Database, wanted: Partial<Prisma.WorkspaceCreateInput> = {}): Promise<string> {
  const id = randomUUID();
  await db.workspace.create({
    data: { id, orgId: 'default', name: 'a workspace', runtime: 'reference', status: 'online', ...wanted },
  });
  return id;
}
