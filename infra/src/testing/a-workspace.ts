import type { NewWorkspace } from '@holdfast/activities/workspace/create-workspace';

/** A new workspace as the gateway hands it on; a test states only what it is about. */
export const aWorkspace = (fields: Partial<NewWorkspace> = {}): NewWorkspace => ({
  name: 'a workspace',
  role: null,
  tier: 3,
  runtime: 'reference',
  template: null,
  model: null,
  external: false,
  url: null,
  workspaceDir: null,
  workspaceAccess: 'none',
  parentId: null,
  budgetLimit: null,
  maxConcurrentTasks: 1,
  deliveryMode: 'push',
  compute: null,
  secrets: {},
  canvas: { x: 0, y: 0 },
  memories: [],
  ...fields,
});
