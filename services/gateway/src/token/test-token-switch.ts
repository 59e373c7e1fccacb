/** What decides whether tokens for tests can be had at all. */
export interface TestTokenSwitch {
  readonly MOLECULE_ENV: string;
  readonly MOLECULE_ENABLE_TEST_TOKENS: boolean;
}

/**
 * Whether the test-token routes exist: in an environment named as one for development or tests, or when told so in any
 * other, but never in production, however it is spelled.
 */
export function testTokensEnabled(config: TestTokenSwitch): boolean {
  const environment = config.MOLECULE_ENV.trim().toLowerCase();
  if (/^prod(uction)?$/.test(environment)) return false;
  return config.MOLECULE_ENABLE_TEST_TOKENS || /^(dev(elopment)?|test(ing)?)$/.test(environment);
}
