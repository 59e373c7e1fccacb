/** Clouds to test against, each over HTTP in its own official shape, and what runs on their machines. */
export type { Cloud, CloudRequest, Machine, Operation } from './cloud.ts';
export type { Fault } from './faults.ts';
export { startEc2Cloud } from './ec2/ec2-cloud.ts';
export { startGcpCloud } from './gcp/gcp-cloud.ts';
export { startHetznerCloud } from './hetzner/hetzner-cloud.ts';
export { type Simulator, startSimulator } from './simulator.ts';
