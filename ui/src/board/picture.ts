// Saves a panel as a picture, as it is shown now. The application draws it, from the history.

import * as host from '$host';
import type { App } from '../app';
import type { Format } from '../generated/Format';
import { theme } from '../lib/theme';
import { momentsOf } from '../live/moments';
import { Plot } from '../plot/plot';
import { Lines } from '../time-series/lines';
import { say } from '../words/say';

// Wide enough for a slide; the picture has the panel's shape.
const WIDTH_PX_MIN = 1200;

export async function savePicture(app: App, id: string, format: Format): Promise<void> {
  const plot = app.drawing.panels.get(id);
  const panel = app.board.timeSeries(id);
  if (!panel || !(plot instanceof Plot) || !(plot.painter instanceof Lines)) return;
  const { hidden } = plot.painter;
  const { fromMs, toMs } = plot.range;
  const { clientWidth, clientHeight } = plot.element;
  const width = Math.max(WIDTH_PX_MIN, clientWidth);
  const height = Math.round((width * clientHeight) / Math.max(1, clientWidth));
  const { title, unit, range, log, right, marks, traces } = panel;
  const shown = new Set(momentsOf(app.annotations.moments, id, traces).map((one) => one.id));
  const path = await host.pictureSave({
    title,
    unit,
    range,
    log,
    right,
    marks,
    annotations: app.annotations.list.filter((one) => shown.has(one.id)),
    view: {
      traces: traces.filter((_, n) => !hidden.has(n)),
      axis: plot.time.axis,
      from_ms: fromMs,
      to_ms: toMs,
      columns: width,
    },
    format,
    dark: theme().dark,
    width,
    height,
  });
  app.notices.done(say('picture_saved', { path }), {
    name: say('picture_show'),
    act: () => app.try(() => host.pictureShow(path)),
  });
}
