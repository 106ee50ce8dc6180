//! The colours of pictures: the same as the window's.

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Dark,
    Light,
}

/// What a theme is made of.
#[derive(Debug)]
pub struct Palette {
    pub background: Rgb,
    pub panel: Rgb,
    pub text: Rgb,
    pub muted: Rgb,
    pub grid: Rgb,
    /// Told apart by people with any of the common colour blindnesses.
    pub series: [Rgb; 8],
    pub outage: Rgb,
    pub silence: Rgb,
    pub missing: Rgb,
    pub undecodable: Rgb,
    pub overflow: Rgb,
    pub closed: Rgb,
    pub good: Rgb,
    pub warn: Rgb,
    pub bad: Rgb,
}

impl Palette {
    /// The colour of the series of that number; from the first again when they run out.
    pub fn series(&self, number: u32) -> Rgb {
        self.series[number as usize % self.series.len()]
    }
}

impl Theme {
    pub fn palette(self) -> &'static Palette {
        match self {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }
}

static DARK: Palette = Palette {
    background: rgb(0x101214),
    panel: rgb(0x15181B),
    text: rgb(0xE6E8EA),
    muted: rgb(0x9AA3AB),
    grid: rgb(0x262B30),
    series: [
        rgb(0x4EA1F3),
        rgb(0xF2A541),
        rgb(0x3FC79A),
        rgb(0xE66FB0),
        rgb(0xB5D33D),
        rgb(0x9B8CFF),
        rgb(0xF0705A),
        rgb(0x5AD1E6),
    ],
    outage: rgb(0xF0705A),
    silence: rgb(0x9AA3AB),
    missing: rgb(0xF2A541),
    undecodable: rgb(0xE66FB0),
    overflow: rgb(0x9B8CFF),
    closed: rgb(0x6F8096),
    good: rgb(0x3FC79A),
    warn: rgb(0xF2A541),
    bad: rgb(0xF0705A),
};

static LIGHT: Palette = Palette {
    background: rgb(0xFFFFFF),
    panel: rgb(0xFAFBFC),
    text: rgb(0x16191C),
    muted: rgb(0x5B646C),
    grid: rgb(0xE3E7EA),
    series: [
        rgb(0x1668C7),
        rgb(0xB56A00),
        rgb(0x00805A),
        rgb(0xB8327F),
        rgb(0x5F7A00),
        rgb(0x6A4FD0),
        rgb(0xC23B22),
        rgb(0x007F99),
    ],
    outage: rgb(0xC23B22),
    silence: rgb(0x5B646C),
    missing: rgb(0xB56A00),
    undecodable: rgb(0xB8327F),
    overflow: rgb(0x6A4FD0),
    closed: rgb(0x74859B),
    good: rgb(0x00805A),
    warn: rgb(0xB56A00),
    bad: rgb(0xC23B22),
};

const fn rgb(hex: u32) -> Rgb {
    ((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}
