import { secretNamePattern } from '@holdfast/activities/secret/secret-names';
import type { SecretLine } from '@holdfast/activities/secret/workspace-secrets';
import { z } from 'zod';

/** The contract's text for a body in which something required is missing or empty. */
const invalid = 'invalid request body';

export const SaveSecret = z
  .object({
    key: z
      .string()
      .min(1, invalid)
      .regex(secretNamePattern, 'invalid secret key: use 1 to 128 letters, digits and underscores, no digit first')
      .describe('Name of the variable in the box. The platform’s own names are refused.'),
    value: z.string().min(1, invalid).describe('Shown to nobody but the workspace itself.'),
  })
  .meta({ id: 'SaveSecret' });
export type SaveSecret = z.output<typeof SaveSecret>;

export const SecretView = z
  .object({
    key: z.string(),
    has_value: z.literal(true),
    scope: z.enum(['workspace', 'global']),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Secret' });
export type SecretView = z.output<typeof SecretView>;

export const SecretsView = z.array(SecretView).meta({ id: 'Secrets' });

export const toSecretView = (line: SecretLine): SecretView => ({
  key: line.key,
  has_value: true,
  scope: line.scope,
  created_at: line.createdAt.toISOString(),
  updated_at: line.updatedAt.toISOString(),
});

const restart = z.uuid().optional().describe('The restart that brings the change to the agent.');

export const SecretSaved = z
  .object({ status: z.literal('saved'), key: z.string(), operation_id: restart })
  .meta({ id: 'SecretSaved' });
export type SecretSaved = z.output<typeof SecretSaved>;

export const SecretDeleted = z
  .object({ status: z.literal('deleted'), key: z.string(), operation_id: restart })
  .meta({ id: 'SecretDeleted' });
export type SecretDeleted = z.output<typeof SecretDeleted>;

const global = { scope: z.literal('global') };
export const GlobalSecretSaved = z
  .object({ status: z.literal('saved'), key: z.string(), ...global })
  .meta({ id: 'GlobalSecretSaved' });
export type GlobalSecretSaved = z.output<typeof GlobalSecretSaved>;

export const GlobalSecretDeleted = z
  .object({ status: z.literal('deleted'), key: z.string(), ...global })
  .meta({ id: 'GlobalSecretDeleted' });
export type GlobalSecretDeleted = z.output<typeof GlobalSecretDeleted>;

export const SecretValuesView = z.record(z.string(), z.string()).meta({ id: 'SecretValues' });
export type SecretValuesView = z.output<typeof SecretValuesView>;
