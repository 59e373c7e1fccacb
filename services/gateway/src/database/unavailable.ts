/** Codes that say "the database cannot be reached or cannot serve now", never "this statement is wrong". */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2037']);
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Connection trouble, too many connections, shutting down, statement cancelled by its time limit, read only after a failover. */
const postgresStates = /^(08|53)|^57P|^57014$|^25006$/;
const adapterKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TlsConnectionError',
]);
const messages =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|connection is closed|server closed the connection/i;

interface ErrorShape {
  code?: unknown;
  kind?: unknown;
  originalCode?: unknown;
  message?: unknown;
  name?: unknown;
  cause?: unknown;
  errors?: unknown;
  meta?: { driverAdapterError?: unknown; code?: unknown };
}

/** True when an error means that the database cannot be asked now; trying again later may help. */
export function isDatabaseUnavailable(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, kind, originalCode, message, name, cause, errors, meta } = error as ErrorShape;
  if (name === 'PrismaClientInitializationError' || name === 'PrismaClientRustPanicError') return true;
  if (typeof code === 'string' && (prismaCodes.has(code) || networkCodes.has(code) || postgresStates.test(code)))
    return true;
  if (typeof originalCode === 'string' && postgresStates.test(originalCode)) return true;
  if (typeof kind === 'string' && adapterKinds.has(kind)) return true;
  if (typeof message === 'string' && messages.test(message)) return true;
  if (Array.isArray(errors) && errors.some((one) => isDatabaseUnavailable(one, depth + 1))) return true;
  return isDatabaseUnavailable(meta?.driverAdapterError, depth + 1) || isDatabaseUnavailable(cause, depth + 1);
}
