import { Command } from 'commander';
import type { Answer } from '../api/api.ts';
import type { Action, Handler } from '../command/action.ts';
import { durationValue } from '../command/values.ts';
import { type DryRunOption, dryRunFlag, dryRunQuery, toldPlan } from '../plan/plan.ts';
import { type Column, table } from '../terminal/table.ts';
import { age, duration } from '../terminal/time.ts';
import { revokedLine, shownOnce } from './token-lines.ts';

type Row = Answer<'GET /org/tokens'>['tokens'][number];

const columns = (now: number): Column<Row>[] => [
  { title: 'ID', text: ({ id }) => id },
  { title: 'BEGINS', text: ({ prefix }) => `${prefix}…` },
  { title: 'NAME', text: ({ name }) => name ?? '', least: 4, optional: true },
  { title: 'BY', text: ({ created_by: by }) => by ?? '', least: 4, optional: true },
  { title: 'AGE', text: ({ created_at: at }) => age(at, now), align: 'right' },
  { title: 'LAST USED', text: ({ last_used_at: at }) => (at === undefined ? 'never' : `${age(at, now)} ago`) },
  {
    title: 'ENDS',
    text: ({ expires_at: at }) => (at === undefined ? 'never' : `in ${duration(Date.parse(at) - now)}`),
  },
];

const listTokens: Handler<[], object> = async ({ api, output }) => {
  const page = await api.call('GET /org/tokens', {});
  output.result({
    json: () => page,
    quiet: () => page.tokens.map((token) => token.id),
    people: (paint, width) =>
      page.tokens.length === 0 ? ['No tokens.'] : table(page.tokens, columns(Date.now()), { columns: width, paint }),
  });
};

interface CreateOptions extends DryRunOption {
  readonly name?: string;
  readonly org?: string;
  /** Milliseconds; false is never. */
  readonly expires?: number | false;
}

const createToken: Handler<[], CreateOptions> = async ({ api, options, output }) => {
  const { name, org, expires } = options;
  const made = await api.call('POST /org/tokens', {
    query: dryRunQuery(options.dryRun),
    body: {
      ...(name === undefined ? {} : { name }),
      ...(org === undefined ? {} : { org_id: org }),
      ...(expires === undefined
        ? {}
        : { expires_at: expires === false ? null : new Date(Date.now() + expires).toISOString() }),
    },
  });
  if (toldPlan(output, made, options, 'org-token create')) return;
  output.result({ json: () => made, quiet: () => [made.auth_token], people: () => [made.auth_token] });
  output.note(shownOnce);
};

const revokeToken: Handler<[id: string], DryRunOption> = async ({ api, args, options, output }) => {
  const [id] = args;
  const revoked = await api.call('DELETE /org/tokens/{id}', { path: { id }, query: dryRunQuery(options.dryRun) });
  if (toldPlan(output, revoked, options, 'org-token revoke')) return;
  output.result({ json: () => revoked, quiet: () => [id], people: (paint) => [revokedLine(id, paint)] });
};

/** `holdfast org-token …`. */
export function orgTokenCommands(action: Action): Command {
  const token = new Command('org-token').description('Make and revoke tokens that may do what an operator may.');
  token
    .command('list')
    .alias('ls')
    .description('Lists the live org tokens, newest first.')
    .addHelpText('after', '\nExample:\n  holdfast org-token list')
    .action(action(listTokens));
  token
    .command('create')
    .description('Makes an org token and prints it, this once.')
    .option('--name <text>', 'what it is for')
    .option('--org <id>', 'the org it is bound to')
    .option('--expires <duration>', 'how long it counts, such as 12h or 30d; 90 days unless told', durationValue)
    .option('--no-expires', 'it never ends')
    .option(...dryRunFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast org-token create --name ci --expires 30d --quiet > ci.token\n  holdfast org-token create --name ci --dry-run',
    )
    .action(action(createToken));
  token
    .command('revoke')
    .description('Ends an org token.')
    .argument('<token>', 'its id')
    .option(...dryRunFlag)
    .addHelpText('after', '\nExamples:\n  holdfast org-token revoke TOKEN\n  holdfast org-token revoke TOKEN --dry-run')
    .action(action(revokeToken));
  return token;
}
