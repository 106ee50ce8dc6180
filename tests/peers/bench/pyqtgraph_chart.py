"""The feed as pyqtgraph draws it: `websockets` and orjson in a thread, numpy, and Qt.

    python pyqtgraph_chart.py URL WIDTH HEIGHT SPAN_MS

Prints what it has done, four times a second, as a line of JSON: messages handled, frames drawn,
and for each frame when it was drawn and when the newest message in it was due.

Each message is appended to arrays that have room for more than the span; one redraw a sixtieth of
a second, of a view into them: nothing is copied but when the arrays are full.
"""

import asyncio
import json
import sys
import threading
import time

import numpy
import orjson
import pyqtgraph
from pyqtgraph.Qt import QtCore
from websockets.asyncio.client import connect

# More than anyone's ten seconds.
ROOM = 1 << 23
FRAME_MS = 16
REPORT_MS = 250


class Data:
    def __init__(self):
        self.times, self.prices, self.sizes = (numpy.empty(ROOM) for _ in range(3))
        self.start = 0
        self.end = 0
        self.handled = 0
        self.moving = threading.Lock()

    def make_room(self):
        with self.moving:
            kept = self.end - self.start
            for array in (self.times, self.prices, self.sizes):
                array[:kept] = array[self.start : self.end].copy()
            self.start, self.end = 0, kept

    async def receive(self, url):
        times, prices, sizes = self.times, self.prices, self.sizes
        async with connect(
            url, compression=None, max_size=None, max_queue=1024, ping_interval=None
        ) as socket:
            async for text in socket:
                message = orjson.loads(text)
                if self.end == ROOM:
                    self.make_room()
                end = self.end
                times[end] = message["time"]
                prices[end] = message["price"]
                sizes[end] = message["size"]
                self.end = end + 1
                self.handled += 1


class Chart(pyqtgraph.PlotWidget):
    def __init__(self, data, span_ms):
        super().__init__(background="#0f1418")
        self.data = data
        self.span_ms = span_ms
        self.frames = 0
        self.drawn = []
        # Of the last redraw, which is painted by what comes after.
        self.newest_ms = None
        self.hideButtons()
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.enableAutoRange(axis="y")
        item = self.getPlotItem()
        item.setClipToView(True)
        item.setDownsampling(auto=True, mode="peak")
        pens = [pyqtgraph.mkPen(color, width=1) for color in ("#3987e5", "#199e70")]
        self.curves = [self.plot(pen=pen) for pen in pens]

    def redraw(self):
        data = self.data
        with data.moving:
            end = data.end
            if end == data.start:
                return
            now_ms = time.time() * 1000
            from_ms = now_ms - self.span_ms
            data.start += int(numpy.searchsorted(data.times[data.start : end], from_ms))
            view = slice(data.start, end)
            if end == data.start or data.times[end - 1] == self.newest_ms:
                return
            # As seconds since the right edge: pictures of large numbers lose their digits.
            times = (data.times[view] - now_ms) / 1000
            for curve, values in zip(self.curves, (data.prices, data.sizes)):
                curve.setData(times, values[view], skipFiniteCheck=True)
            self.newest_ms = float(data.times[end - 1])
            self.fresh = True
        self.setXRange(-self.span_ms / 1000, 0, padding=0)

    fresh = False

    def paintEvent(self, event):
        super().paintEvent(event)
        if self.fresh:
            self.fresh = False
            self.frames += 1
            self.drawn.append((time.time() * 1000, self.newest_ms))

    def report(self):
        drawn, self.drawn = self.drawn, []
        said = {
            "at_ms": time.time() * 1000,
            "frames": self.frames,
            "handled": self.data.handled,
            "drawn": drawn,
        }
        print(json.dumps(said), flush=True)


def main():
    url, width, height, span_ms = sys.argv[1], *map(int, sys.argv[2:5])
    app = pyqtgraph.mkQApp("pyqtgraph")
    data = Data()
    chart = Chart(data, span_ms)
    chart.resize(width, height)
    chart.move(0, 0)
    chart.show()
    threading.Thread(target=lambda: asyncio.run(data.receive(url)), daemon=True).start()
    timers = []
    for interval_ms, action in ((FRAME_MS, chart.redraw), (REPORT_MS, chart.report)):
        timer = QtCore.QTimer()
        timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        timer.timeout.connect(action)
        timer.start(interval_ms)
        timers.append(timer)
    app.exec()


main()
