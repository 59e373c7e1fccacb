import type { Stage } from './stage.ts';

export type Unit = 'ms' | '/s' | 's' | 'MB' | '% of a core' | 'workspaces';

/** One line of the result. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** The same thing without us, measured in the same run; in the same unit. */
  readonly against?: {
    readonly what: string;
    readonly value: number;
    /** Between what the ratio lay when both were measured in turns several times. */
    readonly spread?: { readonly from: number; readonly to: number };
  };
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
}

export interface FigureContext {
  readonly stage: Stage;
  /** How long each load lasts. */
  readonly seconds: number;
  /** Shown while it runs. */
  readonly tell: (what: string) => void;
}

export interface Figure {
  readonly name: string;
  readonly title: string;
  /** What its comparison is, in one sentence. */
  readonly comparison: string;
  /** What its targets demand, in one sentence. */
  readonly goal?: string;
  run(context: FigureContext): Promise<Row[]>;
}

/** This machine lacks what a figure needs. */
export class CannotMeasure extends Error {}
