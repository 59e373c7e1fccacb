import { type FailureCode, failures } from '@holdfast/workflows/failure/failures';
import { expect, test } from 'vitest';
import { httpStatus } from '../../../services/gateway/src/problem/problem-table.ts';
import { errorSections } from './errors.ts';

const sections = errorSections();
const codes = Object.keys(failures) as FailureCode[];

test('every failure has one section and every section has a failure', () => {
  expect(sections.map(({ code }) => code).sort()).toEqual([...codes].sort());
});

test.each(codes)('the section of %s has the sentence, the status and the hope of the catalogue', (code) => {
  const { says, retryable } = failures[code];
  expect(sections.find((one) => one.code === code)).toMatchObject({ says, status: httpStatus[code], retryable });
});

test('no two sections say the same', () => {
  expect(new Set(sections.map(({ prose }) => prose)).size).toBe(sections.length);
});

test('refuses a section without its status', () => {
  expect(() => errorSections('### CODE\n\n> A sentence.\n\nWhen it happens.\n')).toThrow('### CODE');
});
