import type { Cloud } from './cloud.ts';
import { startEc2Cloud } from './ec2/ec2-cloud.ts';
import { startGcpCloud } from './gcp/gcp-cloud.ts';
import { startHetznerCloud } from './hetzner/hetzner-cloud.ts';

/** How each cloud there is is started. */
export const cloudStarts: Readonly<Record<Cloud['name'], () => Promise<Cloud>>> = {
  aws: startEc2Cloud,
  hetzner: startHetznerCloud,
  gcp: startGcpCloud,
};
