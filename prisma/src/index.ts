import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { statementNames } from './statement-names.ts';

export { Prisma } from './generated/client.ts';
export * from './generated/enums.ts';
export type {
  AgentMemory,
  Backend,
  Box,
  Operation,
  OperationStep,
  OrgApiToken,
  StructureEvent,
  Workspace,
  WorkspaceAuthToken,
} from './generated/client.ts';

export type Database = PrismaClient;
/** One open transaction. */
export type Tx = Prisma.TransactionClient;

/**
 * Opens the database.
 * @param options.connections how many connections this process may hold
 */
export function openDatabase(url: string, options: { connections: number }): Database {
  const pool = {
    connectionString: url,
    max: options.connections,
    connectionTimeoutMillis: 5_000,
    // A request that waits for a row longer than this is answered "unavailable" instead of hanging.
    statement_timeout: 30_000,
  };
  const adapter = new PrismaPg(pool, { statementNameGenerator: statementNames() });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 30_000 } });
}
