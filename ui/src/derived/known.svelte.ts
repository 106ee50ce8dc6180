// Which derived series there are, for all who name a trace: those know no more of the window.

import type { DerivedSeries } from '../generated/DerivedSeries';

/** What traces call the feed of all derived series, which is none. */
export const DERIVED = 'derived';

let known: ReadonlyMap<string, DerivedSeries> = $state.raw(new Map());

export function setKnown(list: readonly DerivedSeries[]): void {
  known = new Map(list.map((series) => [series.id, series]));
}

/** The derived series that a trace names, if it names one that is there. */
export const derivedOf = ({
  feed,
  path,
}: {
  feed: string;
  path: string;
}): DerivedSeries | undefined => (feed === DERIVED ? known.get(path) : undefined);

export const derivedName = ({ name, expression }: DerivedSeries): string => name || expression;
