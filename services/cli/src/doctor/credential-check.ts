import type { Api } from '../api/api.ts';
import { Failure } from '../failure/failure.ts';
import { type Check, failed, fine } from './check.ts';

/** No operation has this id: any valid credential learns just that. */
const NO_OPERATION = '00000000-0000-4000-8000-000000000000';
const PREFIX_LENGTH = 8;

/** What the credential may do. */
export type Tier = 'operator' | 'workspace' | 'none';

/** Whether the gateway takes the credential, and what kind it is. */
export async function checkCredential(api: Api, from: string): Promise<{ check: Check; tier: Tier }> {
  const asOperator = await refusalOf(api.call('GET /workspaces', {}));
  if (asOperator === null)
    return { check: fine('credential', `${await operatorKind(api)} (${from})`), tier: 'operator' };
  if (
    asOperator.exit === 'unauthorised' &&
    (await refusalOf(api.call('GET /operations/{id}', { path: { id: NO_OPERATION } })))?.exit === 'notFound'
  ) {
    return {
      check: fine('credential', `a workspace token, good for its own workspace only (${from})`),
      tier: 'workspace',
    };
  }
  const { exit, message, detail } = asOperator;
  const check =
    exit === 'unauthorised'
      ? failed(
          'credential',
          `the gateway does not take it (${from})`,
          'set HOLDFAST_TOKEN or --token-file to a live admin, org or workspace token',
          exit,
        )
      : failed('credential', message, detail.next ?? 'look at the log of the gateway', exit);
  return { check, tier: 'none' };
}

/** An org token is listed with its beginning; the admin token is not listed. */
async function operatorKind(api: Api): Promise<string> {
  const prefix = (api.transport.token ?? '').slice(0, PREFIX_LENGTH);
  const page = await api.call('GET /org/tokens', {}).catch(() => ({ tokens: [] }));
  const own = page.tokens.find((token) => token.prefix === prefix);
  if (!own) return 'the admin token';
  return `an org token${own.name === undefined ? '' : ` called "${own.name}"`}`;
}

async function refusalOf(answer: Promise<unknown>): Promise<Failure | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
