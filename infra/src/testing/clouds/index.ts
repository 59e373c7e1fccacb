/** Clouds to test against, each over HTTP in its own official shape, and what runs on their machines. */
export type { Cloud, CloudRequest, Machine } from './cloud.ts';
export { cloudStarts } from './cloud-starts.ts';
export type { Fault } from './faults.ts';
export type { Operation } from './operation.ts';
export { startEc2Cloud } from './ec2/ec2-cloud.ts';
export { startGcpCloud } from './gcp/gcp-cloud.ts';
export { startHetznerCloud } from './hetzner/hetzner-cloud.ts';
export { type Simulator, startSimulator } from './simulator.ts';

/** For the hook that starts a cloud: on a new machine the emulator is fetched first. */
export const CLOUD_START_MS = 300_000;
