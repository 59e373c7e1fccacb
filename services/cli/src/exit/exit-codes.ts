/** How the program ends: one row per exit code, in the order the help prints them. */
export const exits = {
  ok: { code: 0, means: 'done' },
  failure: { code: 1, means: 'it failed: the operation, a check of the doctor, or the gateway itself' },
  usage: { code: 2, means: 'the command or a value in it is not valid' },
  notFound: { code: 3, means: 'there is no such workspace, operation, secret or token' },
  conflict: { code: 4, means: 'the state of things does not allow it, or it wants a confirmation' },
  unauthorised: { code: 5, means: 'the credential is missing, not valid, or may not do that' },
  unavailable: { code: 6, means: 'the gateway cannot be reached, or it cannot serve now' },
  timeout: { code: 7, means: '--timeout ran out; what was asked for goes on' },
  interrupted: { code: 130, means: 'Ctrl-C; what was asked for goes on' },
} as const satisfies Record<string, { readonly code: number; readonly means: string }>;

export type Exit = keyof typeof exits;

/** The exit an HTTP status stands for. */
export function exitOfStatus(status: number): Exit {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return 'usage';
    case 401:
    case 403:
      return 'unauthorised';
    case 404:
    case 410:
      return 'notFound';
    case 409:
    case 412:
      return 'conflict';
    case 429:
    case 502:
    case 503:
      return 'unavailable';
    default:
      return 'failure';
  }
}

/** The table, as the help and the README show it. */
export const exitTable = (): string =>
  Object.values(exits)
    .map(({ code, means }) => `${String(code).padStart(5)}  ${means}`)
    .join('\n');
