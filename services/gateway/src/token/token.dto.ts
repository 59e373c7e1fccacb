import type { WorkspaceTokenLine } from '@holdfast/activities/token/workspace-tokens';
import { z } from 'zod';

/** A number in the query; anything that is none, or out of range, means the default. */
const inRange = (least: number, most: number, otherwise: number) =>
  z.coerce.number().int().min(least).max(most).default(otherwise).catch(otherwise);

export const TokenPage = z.object({ limit: inRange(1, 200, 50), offset: inRange(0, 2_147_483_647, 0) });
export type TokenPage = z.output<typeof TokenPage>;

export const TokenView = z
  .object({
    id: z.uuid(),
    prefix: z.string().describe('The first eight characters.'),
    purpose: z
      .enum(['agent', 'user'])
      .describe('Tokens of agents end with their box, those of users when they are revoked.'),
    created_at: z.string(),
    last_used_at: z.string().nullable().describe('Kept to the minute.'),
  })
  .meta({ id: 'Token' });
export type TokenView = z.output<typeof TokenView>;

export const TokensView = z
  .object({ tokens: z.array(TokenView), count: z.int().describe('Tokens in this page.') })
  .meta({ id: 'Tokens' });
export type TokensView = z.output<typeof TokensView>;

export const toTokenView = (line: WorkspaceTokenLine): TokenView => ({
  id: line.id,
  prefix: line.prefix,
  purpose: line.purpose,
  created_at: line.createdAt.toISOString(),
  last_used_at: line.lastUsedAt?.toISOString() ?? null,
});

export const TokenMinted = z
  .object({ auth_token: z.string().describe('Shown this once.'), workspace_id: z.uuid(), message: z.string() })
  .meta({ id: 'TokenMinted' });
export type TokenMinted = z.output<typeof TokenMinted>;

export const TokenRevoked = z.object({ status: z.literal('revoked') }).meta({ id: 'TokenRevoked' });
export type TokenRevoked = z.output<typeof TokenRevoked>;

export const TestTokenMinted = z
  .object({ auth_token: z.string(), workspace_id: z.uuid() })
  .meta({ id: 'TestTokenMinted' });
export type TestTokenMinted = z.output<typeof TestTokenMinted>;
