import { proxyActivities } from '@temporalio/workflow';
import { hostQueue } from '../operation/operation.ts';
import type { Counts, HostLoopPort, LoopPort } from './ports.ts';
import type { SweepTick } from './sweep.ts';

/** A tick that fails is not repeated: the next one is near. */
const once = { startToCloseTimeout: '5m', heartbeatTimeout: '30s', retry: { maximumAttempts: 1 } } as const;

const loops = proxyActivities<LoopPort>(once);
const onHost = (host: string) =>
  proxyActivities<HostLoopPort>({ ...once, scheduleToStartTimeout: '30s', taskQueue: hostQueue(host) });

export const checkReality = (): Promise<{ lost: number }> => loops.checkReality();
export const failLateProvisions = (): Promise<Counts> => loops.failLateProvisions();
export const expireLiveness = (): Promise<Counts> => loops.expireLiveness();
export const expireExternalLiveness = (): Promise<Counts> => loops.expireExternalLiveness();
export const restartOffline = (): Promise<Counts> => loops.restartOffline();
export const hibernateIdle = (): Promise<Counts> => loops.hibernateIdle();
export const dropOldRecords = (): Promise<Counts> => loops.dropOldRecords();

/** Whose tick it is. */
interface OfHost {
  readonly host: string;
}

export const finishOwedBoxes = ({ host }: OfHost): Promise<{ gone: number; owed: number }> =>
  onHost(host).finishOwedBoxes();
export const checkHealth = ({ host }: OfHost): Promise<Counts> => onHost(host).checkHealth();
export const sweepOrphans = ({ host }: OfHost): Promise<SweepTick> => onHost(host).sweepOrphans();
export const watchImages = ({ host }: OfHost): Promise<Counts> => onHost(host).watchImages();
