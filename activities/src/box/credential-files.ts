import type { BoxFileCredentials } from './backend.ts';

/** The credential files of a configuration directory, by name. All of them are 0600. */
export const credentialFiles = (credentials: BoxFileCredentials): Readonly<Record<string, string>> => ({
  '.auth_token': credentials.token,
  '.platform_inbound_secret': credentials.inboundSecret,
});
