// What the Temporal bundle holds: the workflow types, under the names operators read.
export { deleteWorkspace } from './workspace/delete-workspace.ts';
export { provisionWorkspace } from './workspace/provision-workspace.ts';
