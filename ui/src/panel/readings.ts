import type { Attachment } from 'svelte/attachments';

/** Texts that are written as data comes, by hand: what streams is kept out of reactive state. */
export class Readings {
  readonly #cells: (HTMLElement | null)[] = [];

  cell(n: number): Attachment<HTMLElement> {
    return (element) => {
      this.#cells[n] = element;
      return () => {
        this.#cells[n] = null;
      };
    };
  }

  write(reading: (n: number) => string) {
    this.#cells.forEach((cell, n) => {
      if (cell) writeText(cell, reading(n));
    });
  }
}

/** Changes the text of an element, and nothing of the page if it is the same. */
export function writeText(element: HTMLElement, text: string) {
  const written = element.firstChild;
  // A text that is exchanged for another under a pressed button would swallow the click.
  if (!(written instanceof Text)) element.textContent = text;
  else if (written.data !== text) written.data = text;
}
