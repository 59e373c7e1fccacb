import { z } from 'zod';

const MISSING = 'budget_limit field is required';
const NEGATIVE = 'budget_limit must be >= 0 (USD cents)';
const NO_NUMBER = 'budget_limit must be an integer (USD cents) or null';

/** The one body whose member must be there: leaving it out and null are different wishes. Fractions are cut off. */
export const PatchBudget = z
  .object({
    budget_limit: z
      .unknown()
      .superRefine((value, { addIssue }) => {
        const broken = brokenRule(value);
        if (broken) addIssue({ code: 'custom', message: broken });
      })
      .transform((value) => (typeof value === 'number' ? Math.trunc(value) : null))
      .meta({ type: ['number', 'null'], minimum: 0, description: 'US cents a month; null is no limit.' }),
  })
  .meta({ id: 'PatchBudget', required: ['budget_limit'] });
export type PatchBudget = z.output<typeof PatchBudget>;

function brokenRule(value: unknown): string | null {
  if (value === undefined) return MISSING;
  if (value === null) return null;
  if (typeof value !== 'number' || Math.trunc(value) > Number.MAX_SAFE_INTEGER) return NO_NUMBER;
  return value < 0 ? NEGATIVE : null;
}

export const BudgetView = z
  .object({
    budget_limit: z.int().nullable().describe('US cents a month; null is no limit.'),
    monthly_spend: z.int().describe('US cents.'),
    budget_remaining: z.int().nullable().describe('US cents; negative when it is overspent.'),
  })
  .meta({ id: 'Budget' });
export type BudgetView = z.output<typeof BudgetView>;
