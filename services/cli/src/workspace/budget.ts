import { InvalidArgumentError } from 'commander';
import type { Answer } from '../api/api.ts';
import type { Handler } from '../command/action.ts';
import type { Output } from '../terminal/output.ts';
import { centsValue } from '../command/values.ts';
import { fields } from '../terminal/fields.ts';
import { type DryRunOption, dryRunQuery, toldPlan } from '../plan/plan.ts';
import { workspaceId } from './reference.ts';

type Budget = Answer<'GET /workspaces/{id}/budget'>;

const CENTS = 100;

/** `workspace budget get`. */
export const getBudget: Handler<[reference: string], object> = async (session) => {
  const id = await workspaceId(session, session.args[0]);
  tellBudget(session.output, await session.api.call('GET /workspaces/{id}/budget', { path: { id } }));
};

/** `workspace budget set`; null takes the limit away. */
export const setBudget: Handler<[reference: string, cents: number | null], DryRunOption> = async (session) => {
  const { api, options, output } = session;
  const [reference, cents] = session.args;
  const id = await workspaceId(session, reference);
  const set = await api.call('PATCH /workspaces/{id}/budget', {
    path: { id },
    query: dryRunQuery(options.dryRun),
    body: { budget_limit: cents },
  });
  if (toldPlan(output, set, options, 'budget set')) return;
  tellBudget(output, set);
};

/** US cents of an amount in dollars; null for "none". */
export function limitValue(text: string): number | null {
  if (text === 'none') return null;
  try {
    return centsValue(text);
  } catch {
    throw new InvalidArgumentError('Write it in dollars, as 20 or 12.50, or "none".');
  }
}

function tellBudget(output: Output, budget: Budget): void {
  const { budget_limit: limit, monthly_spend: spent, budget_remaining: left } = budget;
  output.result({
    json: () => budget,
    quiet: () => [limit === null ? 'none' : (limit / CENTS).toFixed(2)],
    people: (paint) =>
      fields(
        [
          ['limit', limit === null ? 'none' : `${dollars(limit)} a month`],
          ['spent', dollars(spent)],
          ['left', left === null ? undefined : paint(left <= 0 ? 'red' : 'green', dollars(left))],
        ],
        paint,
      ),
  });
}

const dollars = (cents: number): string => `${cents < 0 ? '-' : ''}$${(Math.abs(cents) / CENTS).toFixed(2)}`;
