// What the feeds are called, for all who name a trace: those know no more of the window.

let known: ReadonlyMap<string, string> = $state.raw(new Map());

export function setFeedNames(feeds: readonly { id: string; name: string }[]): void {
  known = new Map(feeds.map(({ id, name }) => [id, name]));
}

export const feedName = (id: string): string => known.get(id) ?? id;
