// What an expression may call, with what each is; and examples that say what expressions are for.

import type { Key } from '../words/say';

export interface Called {
  name: string;
  /** As it is written. */
  usage: string;
  about: Key;
}

/** Of each value by itself. In the order of `docs/expressions.md`. */
export const OF_VALUES: readonly Called[] = [
  { name: 'abs', usage: 'abs(x)', about: 'function_abs' },
  { name: 'sign', usage: 'sign(x)', about: 'function_sign' },
  { name: 'round', usage: 'round(x)', about: 'function_round' },
  { name: 'floor', usage: 'floor(x)', about: 'function_floor' },
  { name: 'ceil', usage: 'ceil(x)', about: 'function_ceil' },
  { name: 'sqrt', usage: 'sqrt(x)', about: 'function_sqrt' },
  { name: 'exp', usage: 'exp(x)', about: 'function_exp' },
  { name: 'ln', usage: 'ln(x)', about: 'function_ln' },
  { name: 'log2', usage: 'log2(x)', about: 'function_log2' },
  { name: 'log10', usage: 'log10(x)', about: 'function_log10' },
  { name: 'sin', usage: 'sin(x)', about: 'function_sin' },
  { name: 'cos', usage: 'cos(x)', about: 'function_cos' },
  { name: 'tan', usage: 'tan(x)', about: 'function_tan' },
  { name: 'pow', usage: 'pow(x, 2)', about: 'function_pow' },
  { name: 'min', usage: 'min(a, b)', about: 'function_min' },
  { name: 'max', usage: 'max(a, b)', about: 'function_max' },
  { name: 'if', usage: 'if(a > b, a, b)', about: 'function_if' },
];

/** Of what came before, too. */
export const OVER_TIME: readonly Called[] = [
  { name: 'delta', usage: 'delta(x)', about: 'function_delta' },
  { name: 'derivative', usage: 'derivative(x)', about: 'function_derivative' },
  { name: 'integral', usage: 'integral(x)', about: 'function_integral' },
  { name: 'ema', usage: 'ema(x, 20s)', about: 'function_ema' },
  { name: 'avg', usage: 'avg(x, 1m)', about: 'function_avg' },
  { name: 'sum', usage: 'sum(x, 1m)', about: 'function_sum' },
  { name: 'count', usage: 'count(x, 1m)', about: 'function_count' },
  { name: 'lowest', usage: 'lowest(x, 1m)', about: 'function_lowest' },
  { name: 'highest', usage: 'highest(x, 1m)', about: 'function_highest' },
  { name: 'stddev', usage: 'stddev(x, 1m)', about: 'function_stddev' },
  { name: 'resample', usage: 'resample(x, 1s)', about: 'function_resample' },
];

export const FUNCTIONS: readonly Called[] = [...OF_VALUES, ...OVER_TIME];

export const EXAMPLES: readonly Omit<Called, 'name'>[] = [
  { usage: '(a + b) / 2', about: 'example_mean' },
  { usage: 'a - b', about: 'example_difference' },
  { usage: 'a / b * 100', about: 'example_share' },
  { usage: 'derivative(a)', about: 'example_rate' },
  { usage: 'integral(a)', about: 'example_total' },
  { usage: 'avg(a, 1m)', about: 'example_smooth' },
  { usage: 'ema(a, 20s) - ema(a, 2m)', about: 'example_trend' },
  { usage: '(a - avg(a, 1h)) / stddev(a, 1h)', about: 'example_unusual' },
  { usage: 'resample(a, 1s) - resample(b, 1s)', about: 'example_resampled' },
];
