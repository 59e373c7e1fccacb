import type { Logger } from 'pino';

/** Where causes go that must not leave the worker. */
export type BoxLog = Pick<Logger, 'info' | 'warn' | 'error'>;
