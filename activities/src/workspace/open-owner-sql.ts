import { Prisma } from '@holdfast/prisma';

/** Nobody is changing the workspace `w`: it has no operation, or one that has ended. */
export const hasNoOwner = Prisma.sql`NOT EXISTS (
  SELECT 1 FROM operations o WHERE o.id = w.operation_id AND o.state IN ('accepted', 'running'))`;
