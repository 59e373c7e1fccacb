import type { Tx } from '@holdfast/prisma';

/** Runs a change in one transaction of the caller's making, such as one that also keeps the answer for a repetition. */
export type Transact = <T>(change: (tx: Tx) => Promise<T>) => Promise<T>;
