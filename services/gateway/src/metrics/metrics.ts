import { Injectable } from '@nestjs/common';

/** A label value as the text format wants it. */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

interface Series {
  readonly labels: string;
  count: number;
  seconds: number;
}

/** Counters and gauges of this process, written in the text format Prometheus reads. */
@Injectable()
export class Metrics {
  private readonly requests = new Map<string, Series>();
  private readonly gauges = new Map<string, { help: string; read: () => number }>();

  /** Counts a finished request under its route's pattern. */
  request(method: string, route: string, status: number, seconds: number): void {
    const key = `${method} ${status} ${route}`;
    let series = this.requests.get(key);
    if (!series) {
      series = {
        labels: `{method=${quoted(method)},path=${quoted(route)},status=${quoted(String(status))}}`,
        count: 0,
        seconds: 0,
      };
      this.requests.set(key, series);
    }
    series.count += 1;
    series.seconds += seconds;
  }

  /** Adds a gauge that is read whenever metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void {
    this.gauges.set(name, { help, read });
  }

  text(): string {
    const series = [...this.requests.values()];
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    return [
      ...family('molecule_http_requests_total', 'counter', 'Finished HTTP requests.', series, (one) => one.count),
      ...family(
        'molecule_http_request_duration_seconds_total',
        'counter',
        'Seconds spent on them.',
        series,
        (one) => one.seconds,
      ),
      ...[...this.gauges].flatMap(([name, { help, read }]) => single(name, 'gauge', help, read())),
      ...single('process_resident_memory_bytes', 'gauge', 'Resident memory.', memory.rss),
      ...single('process_cpu_seconds_total', 'counter', 'CPU time used.', (cpu.user + cpu.system) / 1e6),
      ...single('nodejs_heap_size_used_bytes', 'gauge', 'Used heap.', memory.heapUsed),
      ...single('nodejs_heap_size_total_bytes', 'gauge', 'Heap.', memory.heapTotal),
      ...single('process_uptime_seconds', 'gauge', 'Seconds since the start.', process.uptime()),
      '',
    ].join('\n');
  }
}

const head = (name: string, type: string, help: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

const single = (name: string, type: string, help: string, value: number): string[] => [
  ...head(name, type, help),
  `${name} ${value}`,
];

const family = (
  name: string,
  type: string,
  help: string,
  series: readonly Series[],
  value: (one: Series) => number,
): string[] => [...head(name, type, help), ...series.map((one) => `${name}${one.labels} ${value(one)}`)];
