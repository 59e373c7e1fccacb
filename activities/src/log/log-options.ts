import type { LoggerOptions } from 'pino';

/** Names that hold secrets wherever they turn up in what is logged. */
const secretNames = [
  'auth_token',
  'authorization',
  'body',
  'cookie',
  'credentials',
  'env',
  'headers',
  'nonce',
  'password',
  'secret',
  'token',
  'value',
];

/** How every service logs: JSON lines, from which whatever could hold a credential is cut out. */
export const logOptions = (service: string, level: string): LoggerOptions => ({
  level,
  base: { service },
  redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
  // Temporal's SDK calls an error "error".
  serializers: { err: describeError, error: describeError },
});

/** Causes that are told beside an error. */
const MOST_CAUSES = 3;

/**
 * Name, text and frames only, and those of what caused it: a driver's error carries parameters of the statement in
 * further members, and Prisma writes the whole call, values included, into its message, of which only the last line
 * says what went wrong.
 */
const describeError = (error: unknown): Record<string, unknown> =>
  error instanceof Error ? describe(error, 0) : { message: String(error) };

function describe(error: Error, depth: number): Record<string, unknown> {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const message = error.name.startsWith('PrismaClient') ? error.message.split('\n').at(-1) : error.message;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: frames?.join('\n'),
    ...(cause instanceof Error && depth < MOST_CAUSES ? { cause: describe(cause, depth + 1) } : {}),
  };
}
