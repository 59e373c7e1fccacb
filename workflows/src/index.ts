// What the Temporal bundle holds: the workflow types, under the names operators read.
export { checkReality, finishOwedBoxes } from './loop/ticks.ts';
export { deleteWorkspace } from './workspace/delete-workspace.ts';
export { provisionWorkspace } from './workspace/provision-workspace.ts';
