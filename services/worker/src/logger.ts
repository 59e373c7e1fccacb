import { logOptions } from '@holdfast/activities/log/log-options';
import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import { type Logger, pino } from 'pino';

const levels: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** JSON lines on standard output; whatever could hold a credential is cut out. */
export const createLogger = (level: string): Logger => pino(logOptions('worker', level));

/** The SDK's own lines in ours. */
export const temporalLogger = (log: Logger): DefaultLogger =>
  new DefaultLogger('INFO', ({ level, message, meta }) => log[levels[level]]({ ...meta, part: 'temporal' }, message));
