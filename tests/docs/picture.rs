//! A terminal's text, with its colours, as a picture.

use std::fmt::Write as _;

/// The colours of a terminal: its background, border, text, and what its codes mean.
struct Theme {
    file: &'static str,
    ground: &'static str,
    border: &'static str,
    text: &'static str,
    /// By code, with a name that says what dtguard marks with it.
    codes: [(u8, &'static str, &'static str); 5],
}

const THEMES: [Theme; 2] = [
    Theme {
        file: "docs/blocked-light.svg",
        ground: "#ffffff",
        border: "#d0d7de",
        text: "#1f2328",
        codes: [
            (31, "red", "#b3261e"),
            (32, "green", "#1a6e2e"),
            (33, "yellow", "#7a5600"),
            (36, "cyan", "#0b6b75"),
            (2, "dim", "#59636e"),
        ],
    },
    Theme {
        file: "docs/blocked-dark.svg",
        ground: "#0d1117",
        border: "#3d444d",
        text: "#e6edf3",
        codes: [
            (31, "red", "#ff7b72"),
            (32, "green", "#7ee787"),
            (33, "yellow", "#e3b341"),
            (36, "cyan", "#56d4dd"),
            (2, "dim", "#9198a1"),
        ],
    },
];

/// Pixels: of a character, of a line, and around the text.
const WIDE: f64 = 8.4;
const HIGH: usize = 20;
const MARGIN: usize = 16;

/// A piece of a line and the classes of its colours.
type Piece = (String, Vec<&'static str>);

impl Theme {
    /// The pieces of a `line` with codes.
    fn pieces(&self, line: &str) -> Vec<Piece> {
        let mut classes = Vec::new();
        let mut pieces = Vec::new();
        for (number, part) in line.split("\x1b[").enumerate() {
            let text = match part.split_once('m').filter(|_| number > 0) {
                Some((codes, text)) => {
                    for code in codes.split(';').map(|code| code.parse().unwrap()) {
                        match code {
                            0 => classes.clear(),
                            1 => classes.push("bold"),
                            code => classes.push(self.codes.iter().find(|known| known.0 == code).unwrap().1),
                        }
                    }
                    text
                }
                None => part,
            };
            if !text.is_empty() {
                pieces.push((text.to_owned(), classes.clone()));
            }
        }
        pieces
    }

    fn draw(&self, text: &str) -> String {
        let lines: Vec<Vec<Piece>> = text.lines().map(|line| self.pieces(line)).collect();
        let columns = |line: &Vec<Piece>| line.iter().map(|(text, _)| text.chars().count()).sum::<usize>();
        let widest = lines.iter().map(columns).max().unwrap_or_default();
        let (width, height) = (pixels(widest).ceil() as usize + 2 * MARGIN, lines.len() * HIGH + 2 * MARGIN);
        let plain = |line: &Vec<Piece>| line.iter().map(|(text, _)| text.as_str()).collect::<String>();
        let words = lines.iter().map(plain).collect::<Vec<_>>().join(" ");
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\">\n\
             <title id=\"title\">dtguard blocks a commit</title>\n<desc id=\"description\">{}</desc>\n\
             <style>\ntext {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", \"Liberation Mono\", monospace; fill: {}; white-space: pre }}\n.bold {{ font-weight: 700 }}\n",
            escaped(&words.split_whitespace().collect::<Vec<_>>().join(" ")),
            self.text,
        );
        self.codes
            .iter()
            .for_each(|(_, class, colour)| writeln!(out, ".{class} {{ fill: {colour} }}").unwrap());
        writeln!(out, "</style>\n<rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/>", width - 1, height - 1, self.ground, self.border).unwrap();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            let joined = plain(line);
            let indent = joined.len() - joined.trim_start().len();
            let (x, y) = (MARGIN as f64 + pixels(indent), MARGIN + number * HIGH + 14);
            let length = pixels(joined.chars().count() - indent);
            // The length holds whichever font there is.
            write!(out, "<text x=\"{x:.1}\" y=\"{y}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">").unwrap();
            let mut left_out = indent;
            for (text, classes) in line {
                let skipped = left_out.min(text.len());
                left_out -= skipped;
                let text = escaped(&text[skipped..]);
                match (text.is_empty(), classes.is_empty()) {
                    (true, _) => {}
                    (_, true) => out.push_str(&text),
                    _ => write!(out, "<tspan class=\"{}\">{text}</tspan>", classes.join(" ")).unwrap(),
                }
            }
            out.push_str("</text>\n");
        }
        out + "</svg>\n"
    }
}

fn pixels(columns: usize) -> f64 {
    columns as f64 * WIDE
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Files with the picture of a terminal's `text`, light and dark.
pub fn pictures(text: &str) -> impl Iterator<Item = (&'static str, String)> {
    THEMES.iter().map(|theme| (theme.file, theme.draw(text)))
}

/// How much a colour stands out from another, as WCAG counts it.
fn contrast(one: &str, other: &str) -> f64 {
    let light = |colour: &str| -> f64 {
        let channel = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        let linear =
            |value: f64| if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(channel(1)) + 0.7152 * linear(channel(3)) + 0.0722 * linear(channel(5))
    };
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn each_colour_of_the_picture_can_be_read_on_its_ground() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    for theme in &THEMES {
        let colours = theme.codes.iter().map(|(_, _, colour)| *colour).chain([theme.text]);
        colours.for_each(|colour| assert!(contrast(colour, theme.ground) >= 4.5, "{} {colour}", theme.file));
    }
}
