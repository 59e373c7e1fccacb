import { type DeployMode, deployModeOf } from '@holdfast/activities/agent/deploy-mode';
import { systemLookup } from '@holdfast/activities/agent/host-lookup';
import type { UrlPolicy } from '@holdfast/activities/agent/url-policy';
import type { GatewayConfig } from '../config.ts';

/** An agent gives its register ten seconds. */
const LOOKUP_MS = 3_000;

/** Which addresses agents may have in this installation. */
export function urlPolicyOf(config: GatewayConfig): UrlPolicy & { readonly mode: DeployMode } {
  const { MOLECULE_DEPLOY_MODE: deployMode, MOLECULE_ORG_ID: orgId, MOLECULE_ENV: environment } = config;
  return { mode: deployModeOf({ deployMode, orgId, environment }), lookup: systemLookup(LOOKUP_MS) };
}
