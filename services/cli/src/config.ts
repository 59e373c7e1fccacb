import { z } from 'zod';

/** A blank variable means the same as none: shells and compose files cannot tell. */
const orUnset = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema);

/** The address of a gateway, without a slash at its end. */
export const gatewayUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine((text) => !/[?#]|\/\/[^/]*@/.test(text), { error: 'must have no query, fragment or password' })
  .transform((text) => text.replace(/\/+$/, ''));

/** Every variable the command line reads. Flags win over them, they win over the configuration file. */
export const CliEnvironment = z.object({
  HOLDFAST_URL: orUnset(gatewayUrl.optional()).describe('Address of the gateway.'),
  HOLDFAST_TOKEN: orUnset(z.string().optional()).describe('Credential: admin token, org token or workspace token.'),
  HOLDFAST_TOKEN_FILE: orUnset(z.string().optional()).describe(
    'File that holds the credential; HOLDFAST_TOKEN wins over it.',
  ),
  HOLDFAST_ORG_ID: orUnset(z.string().optional()).describe(
    'Tenant id, for a gateway that serves one (MOLECULE_ORG_ID).',
  ),
  HOLDFAST_CONFIG: orUnset(z.string().optional()).describe('Configuration file in place of the usual one.'),
  HOLDFAST_DATA_DIR: orUnset(z.string().optional()).describe(
    'Folder of the installation that a launcher keeps; .data of the checkout unless set.',
  ),
  XDG_CONFIG_HOME: orUnset(z.string().optional()).describe('Folder of configuration files; ~/.config unless set.'),
});
export type CliEnvironment = z.output<typeof CliEnvironment>;

/** The environment as it is; `readConfig` checks it. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;

/** @throws Error with every mistake, a line each; values are never repeated in it */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): CliEnvironment {
  const read = CliEnvironment.safeParse(variables);
  if (read.success) return read.data;
  throw new Error(read.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`).join('; '));
}
