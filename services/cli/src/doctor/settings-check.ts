import type { Settings } from '../settings/settings.ts';
import { isReadableByOthers } from '../settings/token-file.ts';
import { type Check, fine, warning } from './check.ts';

const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/;

/** Where the gateway is, and whether the credential is safe on its way there and where it is kept. */
export function checkSettings({ url, token, orgId }: Settings): Check[] {
  const where = `${url.value} (${url.from})${orgId ? `, tenant ${orgId.value}` : ''}`;
  const checks: Check[] = [];
  const { protocol, hostname } = new URL(url.value);
  checks.push(
    token && protocol === 'http:' && !loopback.test(hostname)
      ? warning('address', `${where} carries the credential in the clear`, 'use the https address of the gateway')
      : fine('address', where),
  );
  if (token?.file !== undefined && isReadableByOthers(token.file)) {
    checks.push(
      warning('token file', `${token.file} can be read by others on this machine`, `chmod 600 ${token.file}`),
    );
  }
  return checks;
}
