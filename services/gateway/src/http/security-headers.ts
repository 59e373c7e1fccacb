const apiPaths =
  /^\/(workspaces|registry|health|ready|admin|metrics|settings|bundles|org|orgs|templates|plugins|webhooks|channels|ws|events|approvals|operations|boxes|backends|openapi\.json)(\/|$)/;

const always = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

const apiHeaders = { ...always, 'content-security-policy': "default-src 'self'" };
const pageHeaders = {
  ...always,
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; font-src 'self' data:",
};

/** The security headers of an answer; a handler may replace one. */
export const securityHeaders = (path: string): Readonly<Record<string, string>> =>
  apiPaths.test(path) ? apiHeaders : pageHeaders;
