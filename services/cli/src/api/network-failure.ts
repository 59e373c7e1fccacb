import { Failure } from '../failure/failure.ts';

/** Codes of failures that another try can mend: the other side went away, or is not there yet. */
const passing: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

const says: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  BAD_PORT: 'no client of the web may use that port',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  EPIPE: 'the connection broke',
  TIMEOUT: 'it does not answer in time',
  ETIMEDOUT: 'it does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer in time',
};

/** The code of what went wrong on the way; null when the error is no failure of the network. */
export function networkCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'TimeoutError') return 'TIMEOUT';
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 4; depth += 1) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    if (cause.message === 'bad port') return 'BAD_PORT';
    // Several addresses of one name: each has its own failure, and they rarely differ.
    cause = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause.cause;
  }
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message) ? 'UND_ERR_SOCKET' : null;
}

export const isPassing = (code: string): boolean => code === 'TIMEOUT' || passing.has(code);

/** The failure a person reads when the gateway could not be reached. */
export function unreachable(url: string, code: string): Failure {
  const why = says[code] ?? (/CERT|SIGNED|TLS|SSL/.test(code) ? `its certificate is not trusted (${code})` : code);
  return new Failure('unavailable', `The gateway at ${url} cannot be reached: ${why}.`, {
    code: 'CLI_UNREACHABLE',
    next: 'holdfast doctor',
  });
}
