/** Where a control plane is, and what this platform proves itself with. */
export interface ControlPlaneSettings {
  /** Without a slash at its end. */
  readonly url: string;
  /** The bearer of what concerns workspaces, and of the rest where there is no other. */
  readonly sharedSecret?: string | undefined;
  /** The bearer of `/cp/admin/*`. */
  readonly adminApiToken?: string | undefined;
  /** Says which platform of the organisation is asking. */
  readonly adminToken?: string | undefined;
  /** Whose platform is asking, where its credential does not say it. */
  readonly orgId?: string | undefined;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface ControlPlaneRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** What is null, empty or left out is not sent. */
  readonly query?: Readonly<Record<string, string | null | undefined>>;
  readonly body?: object;
  /** How much of the answer is read, in bytes. */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ControlPlaneAnswer {
  readonly status: number;
  /** Undefined when it is no JSON, or longer than what is read. */
  readonly body: unknown;
  /** What may be told of an answer that is a failure: its own error, else how long it was. */
  readonly says: string;
}

/** No answer came, or only a part: what was asked for may have happened all the same. */
export class Unanswered extends Error {
  override name = 'Unanswered';
}

export interface ControlPlane {
  /** @throws Unanswered */
  ask(request: ControlPlaneRequest): Promise<ControlPlaneAnswer>;
}

const ANSWER_MS = 120_000;
const MOST_BYTES = 65_536;
const MOST_ERROR_BYTES = 512;

/** A control plane over HTTP. Nothing of an answer gets into an error but the field that is meant for it. */
export function connectToControlPlane(settings: ControlPlaneSettings): ControlPlane {
  const { url, timeoutMs = ANSWER_MS } = settings;
  return {
    async ask({ method, path, query = {}, body, mostBytes = MOST_BYTES, signal }) {
      const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
      const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
      const over = AbortSignal.timeout(timeoutMs);
      try {
        const response = await fetch(`${url}${path}${search}`, {
          method,
          headers: headersOf(settings, path, body !== undefined),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          redirect: 'error',
          signal: signal ? AbortSignal.any([signal, over]) : over,
        });
        return answerOf(response.status, await read(response, mostBytes));
      } catch (error) {
        throw new Unanswered(`control plane: ${method} ${path}: ${causeOf(error)}`);
      }
    },
  };
}

function headersOf(settings: ControlPlaneSettings, path: string, hasBody: boolean): Record<string, string> {
  const { sharedSecret, adminApiToken, adminToken, orgId } = settings;
  const bearer = path.startsWith('/cp/admin/') ? adminApiToken || sharedSecret : sharedSecret;
  return {
    ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    ...(adminToken ? { 'x-molecule-admin-token': adminToken } : {}),
    ...(orgId ? { 'x-molecule-org-id': orgId } : {}),
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
  };
}

interface Body {
  /** Null when it is longer than what is read. */
  readonly text: string | null;
  readonly bytes: number;
}

async function read({ body }: Response, mostBytes: number): Promise<Body> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    // Leaving the loop ends the transfer as well.
    if (bytes > mostBytes) return { text: null, bytes };
    parts.push(part);
  }
  return { text: Buffer.concat(parts).toString('utf8'), bytes };
}

function answerOf(status: number, { text, bytes }: Body): ControlPlaneAnswer {
  const body = text === null ? undefined : jsonOf(text);
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as { error?: unknown };
  const says = typeof error === 'string' && error !== '' ? cut(error) : `unstructured, ${bytes} bytes`;
  return { status, body, says };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const cut = (error: string): string =>
  new TextDecoder().decode(Buffer.from(error).subarray(0, MOST_ERROR_BYTES)).replace(/\uFFFD+$/, '');

/** The kind of failure, never its message: that may hold what was sent. */
function causeOf(error: unknown): string {
  const { name, cause } = error as Error;
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : name;
}
