import { Command } from 'commander';
import type { Answer } from '../api/api.ts';
import type { Action, Handler } from '../command/action.ts';
import { wholeValue } from '../command/values.ts';
import { type DryRunOption, dryRunFlag, dryRunQuery, toldPlan } from '../plan/plan.ts';
import { type Column, table } from '../terminal/table.ts';
import { age } from '../terminal/time.ts';
import { workspaceId } from '../workspace/reference.ts';
import { revokedLine, shownOnce } from './token-lines.ts';

type Row = Answer<'GET /workspaces/{id}/tokens'>['tokens'][number];

const MOST_LISTED = 200;

const columns = (now: number): Column<Row>[] => [
  { title: 'ID', text: ({ id }) => id },
  { title: 'BEGINS', text: ({ prefix }) => `${prefix}…` },
  { title: 'OF', text: ({ purpose }) => purpose },
  { title: 'AGE', text: ({ created_at: at }) => age(at, now), align: 'right' },
  { title: 'LAST USED', text: ({ last_used_at: at }) => (at === null ? 'never' : `${age(at, now)} ago`) },
];

const listTokens: Handler<[reference: string], { readonly limit?: number }> = async (session) => {
  const { api, args, options, output } = session;
  const id = await workspaceId(session, args[0]);
  const page = await api.call('GET /workspaces/{id}/tokens', {
    path: { id },
    query: { limit: options.limit ?? MOST_LISTED },
  });
  output.result({
    json: () => page,
    quiet: () => page.tokens.map((token) => token.id),
    people: (paint, width) =>
      page.tokens.length === 0 ? ['No tokens.'] : table(page.tokens, columns(Date.now()), { columns: width, paint }),
  });
};

const createToken: Handler<[reference: string], DryRunOption> = async (session) => {
  const { api, args, options, output } = session;
  const id = await workspaceId(session, args[0]);
  const query = dryRunQuery(options.dryRun);
  const made = await api.call('POST /workspaces/{id}/tokens', { path: { id }, query });
  if (toldPlan(output, made, options, 'token create')) return;
  output.result({ json: () => made, quiet: () => [made.auth_token], people: () => [made.auth_token] });
  output.note(shownOnce);
};

const revokeToken: Handler<[reference: string, token: string], DryRunOption> = async (session) => {
  const { api, args, options, output } = session;
  const [reference, tokenId] = args;
  const id = await workspaceId(session, reference);
  const revoked = await api.call('DELETE /workspaces/{id}/tokens/{tokenId}', {
    path: { id, tokenId },
    query: dryRunQuery(options.dryRun),
  });
  if (toldPlan(output, revoked, options, 'token revoke')) return;
  output.result({
    json: () => ({ id: tokenId, ...revoked }),
    quiet: () => [tokenId],
    people: (paint) => [revokedLine(tokenId, paint)],
  });
};

const reference = 'its id, the beginning of its id, or its name';

/** `holdfast token …`. */
export function workspaceTokenCommands(action: Action): Command {
  const token = new Command('token').description('Make and revoke the tokens of a workspace.');
  token
    .command('list')
    .alias('ls')
    .description('Lists the live tokens of a workspace, newest first.')
    .argument('<workspace>', reference)
    .option('--limit <n>', 'at most so many', wholeValue(1, MOST_LISTED))
    .addHelpText('after', '\nExample:\n  holdfast token list scout')
    .action(action(listTokens));
  token
    .command('create')
    .description('Makes a token of a workspace and prints it, this once. It survives restarts.')
    .argument('<workspace>', reference)
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast token create scout --quiet > scout.token\n  holdfast token create scout --dry-run',
    )
    .action(action(createToken));
  token
    .command('revoke')
    .description('Ends a token.')
    .argument('<workspace>', reference)
    .argument('<token>', 'id of the token')
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast token revoke scout TOKEN\n  holdfast token revoke scout TOKEN --dry-run',
    )
    .action(action(revokeToken));
  return token;
}
