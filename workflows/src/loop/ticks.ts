import { proxyActivities } from '@temporalio/workflow';
import { hostQueue } from '../operation/operation.ts';
import type { HostLoopPort, LoopPort } from './ports.ts';

/** A tick that fails is not repeated: the next one is near. */
const once = { startToCloseTimeout: '5m', heartbeatTimeout: '30s', retry: { maximumAttempts: 1 } } as const;

const loops = proxyActivities<LoopPort>(once);

export const checkReality = (): Promise<{ lost: number }> => loops.checkReality();

export const finishOwedBoxes = ({ host }: { host: string }): Promise<{ gone: number; owed: number }> =>
  proxyActivities<HostLoopPort>({
    ...once,
    scheduleToStartTimeout: '30s',
    taskQueue: hostQueue(host),
  }).finishOwedBoxes();
