import { logOptions } from '@holdfast/activities/log/log-options';
import pino, { type DestinationStream, type Logger } from 'pino';

/** JSON lines. Requests are logged by route and caller; what could carry a credential is cut out besides. */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(logOptions('gateway', level), destination ?? standardOutput());

/** A write never holds up a request; what comes meanwhile goes out with the next one, and the rest at the exit. */
const standardOutput = (): DestinationStream => pino.destination({ dest: 1, sync: false });
