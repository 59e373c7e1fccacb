import { createHash } from 'node:crypto';
import type { Marks } from './port.ts';

const LONGEST = 63;
const fits = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/;

/** A value every cloud takes as a label: itself where it fits, else a digest of it. */
export const labelValue = (text: string): string =>
  text.length <= LONGEST && fits.test(text) ? text : `h${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;

/** The names of the marks; clouds that allow no dots use dashes. */
export function markNames(separator: '.' | '-') {
  const name = (what: string) => `holdfast${separator}${what}`;
  return {
    controlPlane: name('control-plane'),
    organisation: name('organisation'),
    owner: name('owner'),
    workspace: name('workspace'),
    box: name('box'),
    disk: name('disk'),
  };
}
export type MarkNames = ReturnType<typeof markNames>;

/** What all that was made for a workspace is found by. */
export function workspaceLabels(
  names: MarkNames,
  controlPlane: string,
  marks: Pick<Marks, 'orgId' | 'workspaceId'>,
): Record<string, string> {
  return {
    [names.controlPlane]: labelValue(controlPlane),
    [names.organisation]: labelValue(marks.orgId),
    [names.workspace]: labelValue(marks.workspaceId),
  };
}

/** The labels of an instance. */
export const instanceLabels = (names: MarkNames, controlPlane: string, marks: Marks): Record<string, string> => ({
  ...workspaceLabels(names, controlPlane, marks),
  [names.owner]: labelValue(marks.owner),
  [names.box]: labelValue(marks.boxId),
});

/**
 * The labels of a disk: `root` goes with its instance, `data` stays for the next one of the workspace and keeps the marks
 * of the box that it was made for.
 */
export const diskLabels = (
  names: MarkNames,
  controlPlane: string,
  marks: Marks,
  kind: 'root' | 'data',
): Record<string, string> => ({ ...instanceLabels(names, controlPlane, marks), [names.disk]: kind });

/** Reads an instance's marks; null for what is not this control plane's. */
export function marksOf(
  names: MarkNames,
  controlPlane: string,
  labels: Readonly<Record<string, string>>,
): Marks | null {
  const boxId = labels[names.box];
  if (labels[names.controlPlane] !== labelValue(controlPlane) || !boxId) return null;
  return {
    boxId,
    workspaceId: labels[names.workspace] ?? '',
    orgId: labels[names.organisation] ?? '',
    owner: labels[names.owner] ?? '',
  };
}
