import { styleText } from 'node:util';
import type { FirstWorkspace } from './first-workspace.ts';
import type { Running } from './launcher.ts';

/** What a person needs to know once all is up: where things are and what to try next. */
export function summary(running: Running, first: FirstWorkspace | undefined): string {
  const { api, webUi, boxes, orgId } = running;
  const rows: [string, string][] = [
    ['API', api.url],
    ['API docs', `${api.url}/docs`],
    ['Temporal', webUi === undefined ? 'your own server' : `${webUi}/namespaces/workspaces/workflows`],
    [
      'Boxes',
      {
        docker: 'Docker containers',
        'control-plane': 'machines in clouds, made by the control plane',
        process: 'processes of this machine',
        none: 'nowhere (BACKEND=none)',
      }[boxes],
    ],
    ...(first === undefined
      ? []
      : ([['Workspace', `${first.name}  ${styleText('green', 'online')}  ${first.id}`]] as [string, string][])),
  ];
  const next = [
    ...(orgId === undefined
      ? []
      : [[`export HOLDFAST_ORG_ID=${orgId}`, 'the tenant that the commands below are about']]),
    ['bin/holdfast workspace list', 'what there is'],
    ['bin/holdfast workspace create NAME --wait', 'another workspace'],
    ['bin/holdfast operation list', 'what was done, step by step'],
    ['bin/holdfast doctor', 'whether all is well'],
  ];
  return [
    '',
    styleText('bold', 'Holdfast is running.'),
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`),
    '',
    'Next:',
    ...next.map(([command = '', what = '']) => `  ${command.padEnd(44)}${styleText('dim', what)}`),
    '',
  ].join('\n');
}
