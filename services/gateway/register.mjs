// Lets plain Node run the gateway's TypeScript in development: Nest needs decorators, which type stripping leaves out.
// Use: node --import ./register.mjs src/main.ts
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'oxc-transform';

const options = {
  lang: 'ts',
  sourcemap: true,
  target: 'es2023',
  decorator: { legacy: true, emitDecoratorMetadata: true },
};
const isOurTypeScript = (url) => url.startsWith('file:') && /\.ts($|\?)/.test(url) && !url.includes('/node_modules/');

registerHooks({
  load(url, context, next) {
    if (!isOurTypeScript(url)) return next(url, context);
    const file = fileURLToPath(url);
    const { code, map, errors } = transformSync(file, readFileSync(file, 'utf8'), options);
    if (errors.length) throw new SyntaxError(errors.map((error) => error.codeframe ?? error.message).join('\n'));
    const inlineMap = Buffer.from(JSON.stringify(map)).toString('base64');
    return {
      format: 'module',
      shortCircuit: true,
      source: `${code}\n//# sourceMappingURL=data:application/json;base64,${inlineMap}`,
    };
  },
});
