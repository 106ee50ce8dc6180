// The rows of a table as the page has them: as many as there are, or of many only those in sight.
// Written by hand, as what they say streams; what feeds call things is only ever text.

import { seriesDashed, seriesVariable } from '../lib/theme';
import { mark, Sheet, write } from '../tile/parts';
import { COLUMNS, type ColumnName } from './columns';
import { ROW_PX, type Sight } from './sight';

const COURSE_PX = { width: 96, height: 20 };
export interface Element {
  tr: HTMLTableRowElement;
  swatch: HTMLElement;
  channel: HTMLElement;
  cells: Record<Exclude<ColumnName, 'course'>, HTMLElement>;
  sheet: Sheet;
}

export class Rows {
  private readonly elements: Element[] = [];
  private readonly above = spacer();
  private readonly below = spacer();

  constructor(private readonly body: HTMLTableSectionElement) {
    body.append(this.above, this.below);
  }

  /** As many as are kept, with the room that those left out would take. */
  keep({ from, to }: Sight, count: number): readonly Element[] {
    const { body, elements } = this;
    while (elements.length > to - from) elements.pop()?.tr.remove();
    while (elements.length < to - from) {
      const made = element();
      elements.push(made);
      body.insertBefore(made.tr, this.below);
    }
    room(this.above, from);
    room(this.below, count - to);
    elements.forEach(({ tr }, n) => {
      tr.ariaRowIndex = String(from + n + 2);
    });
    return elements;
  }
}

function element(): Element {
  const tr = document.createElement('tr');
  const cells: Partial<Element['cells']> = {};
  const swatch = document.createElement('i');
  const channel = document.createElement('small');
  const canvas = document.createElement('canvas');
  for (const column of COLUMNS) {
    const cell = document.createElement(column === 'name' ? 'th' : 'td');
    cell.dataset.column = column;
    if (column === 'course') {
      canvas.style.width = `${COURSE_PX.width}px`;
      canvas.style.height = `${COURSE_PX.height}px`;
      canvas.ariaHidden = 'true';
      cell.append(canvas);
    } else if (column === 'name') {
      (cell as HTMLTableCellElement).scope = 'row';
      const name = document.createElement('span');
      swatch.className = 'swatch';
      cell.append(swatch, name, channel);
      cells.name = name;
    } else {
      cell.className = 'numbers';
      cells[column] = cell;
    }
    tr.append(cell);
  }
  const sheet = new Sheet(canvas);
  return { tr, swatch, channel, cells: cells as Element['cells'], sheet };
}

/** What a row says of its trace, whatever streams. */
export function showTrace(
  { tr, swatch, channel, cells, sheet }: Element,
  name: string,
  of: string,
  title: string,
  color: number,
): void {
  sheet.setSize(COURSE_PX.width, COURSE_PX.height);
  write(cells.name, name);
  write(channel, of);
  if (tr.title !== title) tr.title = title;
  const variable = seriesVariable(color);
  if (swatch.style.getPropertyValue('--trace') !== variable) {
    swatch.style.setProperty('--trace', variable);
  }
  mark(swatch, 'dashed', seriesDashed(color) ? '' : null);
}

function spacer(): HTMLTableRowElement {
  const tr = document.createElement('tr');
  tr.ariaHidden = 'true';
  tr.hidden = true;
  const cell = document.createElement('td');
  cell.colSpan = COLUMNS.length;
  cell.className = 'room';
  tr.append(cell);
  return tr;
}

function room(tr: HTMLTableRowElement, rows: number): void {
  tr.hidden = rows === 0;
  const height = `${rows * ROW_PX}px`;
  const cell = tr.firstElementChild as HTMLElement;
  if (cell.style.height !== height) cell.style.height = height;
}
