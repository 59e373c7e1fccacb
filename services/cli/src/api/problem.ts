import { exitOfStatus } from '../exit/exit-codes.ts';
import { Failure } from '../failure/failure.ts';

/** The failure behind an answer that is none of the successes. */
export function problemOf(status: number, text: string, route: string): Failure {
  const body = status < 400 ? null : jsonObject(text);
  if (!body) return new Failure(exitOfStatus(status), ...withoutBody(status, text, route));
  const sentence =
    stringIn(body, 'error') ??
    stringIn(body, 'title') ??
    stringIn(body, 'message') ??
    `The gateway answered ${status}.`;
  return new Failure(exitOfStatus(status), sentence, {
    body,
    next: nextOf(status, body),
    code: stringIn(body, 'code') ?? `HTTP_${status}`,
  });
}

/** What to do now: the gateway's word, or the command's own where the gateway's is about HTTP. */
function nextOf(status: number, body: Record<string, unknown>): string | undefined {
  const said = stringIn(body, 'next_step');
  if (body['code'] === 'ACTIVE_TASKS') return 'wait for them, or repeat with --force';
  if (status === 401)
    return 'set HOLDFAST_TOKEN or --token-file to a credential that may do this; "holdfast doctor" tells what yours is';
  return said;
}

function withoutBody(status: number, text: string, route: string): [string, { code: string; next?: string }] {
  const code = `HTTP_${status}`;
  if (status === 404 && text.trim() === '') {
    return [
      'The gateway does not know this tenant.',
      { code, next: 'set HOLDFAST_ORG_ID or --org-id to its tenant id' },
    ];
  }
  if (status === 404) {
    return [`The gateway has no route "${route}".`, { code, next: 'holdfast doctor compares the versions' }];
  }
  if (status >= 300 && status < 400) {
    return [
      'The gateway sends the request elsewhere.',
      { code, next: 'set --gateway or HOLDFAST_URL to the address it moved to' },
    ];
  }
  return [`The gateway answered ${status} without a reason.`, { code, next: 'holdfast doctor' }];
}

/** The object a text is in JSON; null when it is anything else. */
export function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const stringIn = (body: Record<string, unknown>, key: string): string | undefined => {
  const value = body[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
