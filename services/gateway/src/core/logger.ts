import pino, { type DestinationStream, type Logger } from 'pino';

/** Names that hold secrets wherever they turn up in what is logged. */
const secretKeys = ['authorization', 'cookie', 'token', 'auth_token', 'password', 'secret', 'value', 'headers', 'body'];

/** JSON lines. Requests are logged by route and caller; what could carry a credential is cut out besides. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'gateway' },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
    serializers: { err: describeError },
  };
  return pino(options, destination ?? standardOutput());
}

/** A write never holds up a request; what comes meanwhile goes out with the next one, and the rest at the exit. */
const standardOutput = (): DestinationStream => pino.destination({ dest: 1, sync: false });

/**
 * Name, text and frames only: a driver's error carries parameters of the statement in further members, and Prisma
 * writes the whole call, values included, into its message, of which only the last line says what went wrong.
 */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  const message = error.name.startsWith('PrismaClient') ? error.message.split('\n').at(-1) : error.message;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return { type: error.name, message, ...(typeof code === 'string' ? { code } : {}), stack: frames?.join('\n') };
}
