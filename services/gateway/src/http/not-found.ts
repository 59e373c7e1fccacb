import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers what no route matched, a wrong method included. A path that is only a slash too long is sent to where it
 * should have gone; 307 keeps the method and the body.
 */
export function answerNotFound(
  request: FastifyRequest,
  reply: FastifyReply,
  hasRoute: (method: string, path: string) => boolean,
): void {
  const [path = '', query] = request.url.split(/\?(.*)/s, 2);
  const shorter = path.replace(/\/+$/, '');
  if (shorter !== path && /^\/[^/\\]/.test(shorter) && hasRoute(request.method, shorter)) {
    const target = query === undefined ? shorter : `${shorter}?${query}`;
    void reply.redirect(target, request.method === 'GET' ? 301 : 307);
    return;
  }
  void reply.code(404).type('text/plain; charset=utf-8').send('404 page not found');
}

/** Tells whether a path matches a route, from the routes' own patterns. */
export function routeMatcher(routes: Iterable<string>): (method: string, path: string) => boolean {
  const patterns = [...routes].map((route) => {
    const [method = '', pattern = ''] = route.split(' ', 2);
    return {
      method,
      regexp: new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replace('*', '.*')}$`),
    };
  });
  return (method, path) => patterns.some((route) => route.method === method && route.regexp.test(path));
}
