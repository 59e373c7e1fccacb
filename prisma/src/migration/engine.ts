import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { dropDatabase, ensureDatabase } from './databases.ts';

/** OIDs of `"char"` and `text`: the adapter knows only the second. */
const CHAR_OID = 18;
const TEXT_OID = 25;

/** The one piece of the language that neither `es2024` nor Node's types declare. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

let loaded = false;

/** Node's ESM loader does not import `.wasm`, so the engine is instantiated by hand, once per process. */
function load(): void {
  if (loaded) return;
  const require = createRequire(import.meta.url);
  const wasm = new URL(
    './schema_engine_bg.wasm',
    `file://${require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')}`,
  );
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), {
    './schema_engine_bg.js': withoutLingeringTimers() as never,
  });
  (bindings as unknown as { __wbg_set_wasm(exports: unknown): void }).__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  loaded = true;
}

/** The engine times its advisory lock with a timer it never clears, which would keep the process for ten seconds. */
function withoutLingeringTimers(): Record<string, unknown> {
  const imports: Record<string, unknown> = { ...bindings };
  const name = Object.keys(imports).find((key) => key.startsWith('__wbg_setTimeout_'));
  if (name !== undefined) imports[name] = (done: () => void, ms: number) => setTimeout(done, ms).unref();
  return imports;
}

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;
type Result = Awaited<ReturnType<Adapter['queryRaw']>>;
interface PatchedAdapter {
  performIO(query: unknown): Promise<{ fields?: { dataTypeID: number }[]; rows: Result['rows'] }>;
  queryRaw(query: unknown): Promise<Result>;
  onError(error: unknown): never;
  executeScript(sql: string): Promise<void>;
  dispose(): Promise<void>;
}

/** Opens a database for the engine, with the three things the stock adapter lacks for it. */
async function connect(url: string, release?: () => Promise<void>): Promise<Adapter> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const adapter = await new PrismaPg(pool as never).connect();
  const patched = adapter as unknown as PatchedAdapter;
  readCharColumns(patched);
  // The stock one splits on every ';', which cuts function bodies.
  patched.executeScript = async (sql) => {
    try {
      await pool.query(sql);
    } catch (error) {
      patched.onError(error);
    }
  };
  patched.dispose = async () => {
    if (pool.ending) return;
    await pool.end();
    await release?.();
  };
  return adapter;
}

/** `"char"` columns of the catalogue: read like text, announced as the single characters the engine expects. */
function readCharColumns(adapter: PatchedAdapter): void {
  const charColumns = new WeakMap<Result['rows'], number[]>();
  const performIO = adapter.performIO.bind(adapter);
  adapter.performIO = async (query) => {
    const result = await performIO(query);
    const fields = result.fields ?? [];
    charColumns.set(
      result.rows,
      [...fields.keys()].filter((index) => fields[index]?.dataTypeID === CHAR_OID),
    );
    for (const field of fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
    return result;
  };
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
}

/** An empty database beside the given one, dropped when the engine is done with it. */
async function connectToShadow(url: string): Promise<Adapter> {
  const target = new URL(url);
  const name = `holdfast_shadow_${randomUUID().replaceAll('-', '')}`;
  target.pathname = `/${name}`;
  await ensureDatabase(target.href);
  return await connect(target.href, () => dropDatabase(target.href));
}

/**
 * Lends the schema engine over one database; its WASM build is the only one npm carries. Its connections are closed
 * before this returns, so that the database can be dropped or copied at once.
 */
export function withSchemaEngine<T>(
  url: string,
  schema: string,
  use: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  // All engines of a process live in one WebAssembly memory, and two at work at once corrupt it.
  const turn = last.then(() => lend(url, schema, use));
  last = turn.catch(() => undefined);
  return turn;
}

let last: Promise<unknown> = Promise.resolve();

async function lend<T>(url: string, schema: string, use: (engine: bindings.SchemaEngine) => Promise<T>): Promise<T> {
  load();
  const open: Adapter[] = [];
  const keep = async (adapter: Promise<Adapter>) => {
    open.push(await adapter);
    return await adapter;
  };
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => keep(connect(url)),
    connectToShadowDb: () => keep(connectToShadow(url)),
  } as never);
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => undefined,
    factory as never,
  );
  try {
    return await use(engine);
  } finally {
    engine.free();
    await Promise.all(open.map((adapter) => adapter.dispose()));
  }
}
