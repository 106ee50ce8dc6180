// What is said aloud for who does not see the window: one place for all of it, and what comes before
// it could be said takes the place of what was to be.

// A key that is held down says where it stops, and not all that it passes.
const SETTLE_MS = 180;

let place: HTMLElement | null = null;
let timer = 0;

/** Made before it is needed: what is in it when it comes is not read out. */
function made(): HTMLElement {
  if (place?.isConnected) return place;
  place = document.createElement('div');
  place.className = 'unseen';
  place.role = 'status';
  place.ariaLive = 'polite';
  place.dataset.testid = 'announced';
  document.body.append(place);
  return place;
}

export function readyToAnnounce(): void {
  made();
}

export function announce(text: string): void {
  const into = made();
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    into.textContent = text;
  }, SETTLE_MS);
}
