import { describe, expect, test } from 'vitest';
import { imagePlatform } from './image.ts';

describe('imagePlatform', () => {
  test.each([
    ['what was said', 'linux/arm64', 'linux', 'x64', 'linux/arm64'],
    ['what was said on Apple silicon', 'linux/arm64', 'darwin', 'arm64', 'linux/arm64'],
    ['nothing when an empty text was said', '', 'darwin', 'arm64', undefined],
    ['amd64 on Apple silicon', undefined, 'darwin', 'arm64', 'linux/amd64'],
    ['nothing on another Mac', undefined, 'darwin', 'x64', undefined],
    ['nothing on Linux', undefined, 'linux', 'arm64', undefined],
  ])('asks for %s', (_, given, platform, arch, expected) => {
    expect(imagePlatform(given, { platform, arch })).toBe(expected);
  });
});
