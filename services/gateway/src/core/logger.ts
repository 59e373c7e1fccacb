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
  return destination ? pino(options, destination) : pino(options);
}

/** Name, text and stack only: a driver's error carries parameters of the statement in further members. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
  };
}
