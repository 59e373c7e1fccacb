import type { OrgTokenLine } from '@holdfast/activities/token/org-tokens';
import { z } from 'zod';

const Wanted = z
  .object({
    // Clients that send something else have always got a token without a name.
    name: z.string().optional().catch(undefined).describe('For people; at most 100 bytes.'),
    org_id: z
      .string()
      .min(1)
      .max(100)
      .nullish()
      .describe('Binds the token to an org. A token minted by an org token has that one’s org.'),
    expires_at: z.iso
      .datetime({ offset: true })
      .nullish()
      .describe('When it ends: ninety days from now unless told, never if null.'),
  })
  .meta({ id: 'MintOrgToken' });

/** No body, or one that is no object, asks for a token with nothing special about it. */
export const MintOrgToken = z.preprocess(
  (body) => (typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}),
  Wanted,
);
export type MintOrgToken = z.output<typeof MintOrgToken>;

export const OrgTokenView = z
  .object({
    id: z.uuid(),
    prefix: z.string().describe('The first eight characters.'),
    name: z.string().optional(),
    org_id: z.string().optional(),
    created_by: z.string().optional(),
    created_at: z.string(),
    last_used_at: z.string().optional().describe('Kept to the minute.'),
    expires_at: z.string().optional(),
  })
  .meta({ id: 'OrgToken' });
export type OrgTokenView = z.output<typeof OrgTokenView>;

export const OrgTokensView = z.object({ tokens: z.array(OrgTokenView), count: z.int() }).meta({ id: 'OrgTokens' });
export type OrgTokensView = z.output<typeof OrgTokensView>;

/** Members without a value are left out. */
export const toOrgTokenView = (line: OrgTokenLine): OrgTokenView => ({
  id: line.id,
  prefix: line.prefix,
  ...(line.name ? { name: line.name } : {}),
  ...(line.orgId ? { org_id: line.orgId } : {}),
  ...(line.createdBy ? { created_by: line.createdBy } : {}),
  created_at: line.createdAt.toISOString(),
  ...(line.lastUsedAt ? { last_used_at: line.lastUsedAt.toISOString() } : {}),
  ...(line.expiresAt ? { expires_at: line.expiresAt.toISOString() } : {}),
});

export const OrgTokenMinted = z
  .object({
    id: z.uuid(),
    prefix: z.string(),
    name: z.string().optional(),
    expires_at: z.string().optional(),
    auth_token: z.string().describe('Shown this once.'),
    warning: z.string(),
  })
  .meta({ id: 'OrgTokenMinted' });
export type OrgTokenMinted = z.output<typeof OrgTokenMinted>;

export const OrgTokenRevoked = z.object({ revoked: z.uuid() }).meta({ id: 'OrgTokenRevoked' });
export type OrgTokenRevoked = z.output<typeof OrgTokenRevoked>;
