// What the Temporal bundle holds: the workflow types, under the names operators read.
export { refreshImages, sweepBoxes } from './loop/everywhere.ts';
export {
  checkHealth,
  checkReality,
  dropOldRecords,
  expireExternalLiveness,
  expireLiveness,
  failLateProvisions,
  finishOwedBoxes,
  hibernateIdle,
  restartOffline,
  sweepOrphans,
  watchImages,
} from './loop/ticks.ts';
export { collapseTree, deleteTree, pauseTree, resumeTree } from './operation/tree.ts';
export { deleteWorkspace } from './workspace/delete-workspace.ts';
export { hibernateWorkspace } from './workspace/hibernate-workspace.ts';
export { pauseWorkspace } from './workspace/pause-workspace.ts';
export { provisionWorkspace } from './workspace/provision-workspace.ts';
export { restartWorkspace } from './workspace/restart-workspace.ts';
export { resumeWorkspace } from './workspace/resume-workspace.ts';
export { switchProvider } from './workspace/switch-provider.ts';
export { wakeWorkspace } from './workspace/wake-workspace.ts';
