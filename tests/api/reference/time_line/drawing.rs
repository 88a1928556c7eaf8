//! The drawing: a lane for each key, and what the JWKS shows meanwhile.

use std::fmt::Write;

use hallpass::limit;

use super::{DAY, HOUR, Life, lives, told};

/// How many keys are drawn.
const LANES: usize = 3;

/// Where moments lie: long spans are drawn shorter, since nothing happens in them.
struct Axis(Vec<(i64, f64)>);

impl Axis {
    fn new(mut moments: Vec<i64>, left: f64) -> Self {
        moments.sort_unstable();
        moments.dedup();
        let mut at = left;
        let mut last = moments[0];
        let placed = moments.into_iter().map(|moment| {
            #[expect(clippy::cast_precision_loss, reason = "some months in seconds")]
            let days = (moment - last) as f64 / DAY as f64;
            at += if days > 0.0 { 62.0 + 2.6 * days } else { 0.0 };
            last = moment;
            (moment, at)
        });
        Self(placed.collect())
    }

    fn x(&self, moment: i64) -> f64 {
        self.0.iter().find(|(known, _)| *known == moment).expect("a moment of the axis").1
    }

    fn right(&self) -> f64 {
        self.0.last().unwrap().1
    }
}

/// In colours of its own, for light and for dark surroundings.
const STYLE: &str = "\
    text { font: 12px system-ui, sans-serif; fill: #1f2430 } .small { font-size: 11px } .name { font-weight: 600 }\n    \
    .ground { fill: #ffffff; stroke: #d5d9e2 } .line { stroke: #aab1c0; stroke-dasharray: 2 3 }\n    \
    .next { fill: #e3ebfb; stroke: #3a62b5 } .active { fill: #24529e } .retiring { fill: #fbe3c4; stroke: #a55b00 }\n    \
    .on { fill: #ffffff }\n    \
    @media (prefers-color-scheme: dark) {\n      \
      text { fill: #e6e9f0 } .ground { fill: #171a21; stroke: #363c4a } .line { stroke: #59617a }\n      \
      .next { fill: #1d2a45; stroke: #86a9f0 } .active { fill: #9bbcff } .retiring { fill: #47300f; stroke: #eaab5a }\n      \
      .on { fill: #10182b }\n    }";

fn bar(svg: &mut String, (from, to): (f64, f64), y: f64, class: &str, words: &str) {
    let (width, middle) = (to - from, f64::midpoint(from, to));
    let on = if class == "active" { " on" } else { "" };
    let _ = writeln!(
        svg,
        "  <rect class=\"{class}\" x=\"{from:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"26\" rx=\"3\"/>"
    );
    let _ = writeln!(
        svg,
        "  <text class=\"small{on}\" x=\"{middle:.1}\" y=\"{}\" text-anchor=\"middle\">{words}</text>",
        y + 17.0
    );
}

/// The time line as an image.
pub(super) fn draw() -> String {
    let active = i64::try_from(limit::KEY_ACTIVE.as_secs()).unwrap();
    let end = 2 * active + 4 * DAY;
    let lives = lives(end);
    assert_eq!(lives.len(), LANES, "two rotations are drawn");
    let all = |life: &Life| [life.next, life.active, life.retiring, life.retired].into_iter().flatten().collect();
    let mut moments: Vec<i64> = lives.iter().flat_map(|life| -> Vec<i64> { all(life) }).collect();
    moments.push(end);
    let axis = Axis::new(moments, 64.0);
    let (width, top, lane) = (axis.right() + 16.0, 44.0, 40.0);
    let bottom = top + lane * 3.0;
    let height = bottom + 70.0;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-labelledby=\"title\">\n  <title id=\"title\">Signing keys through time: {}</title>\n  \
         <style>\n    {STYLE}\n  </style>\n  \
         <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"6\"/>\n",
        told(&lives),
        width - 1.0,
        height - 1.0
    );
    for (at, x) in axis.0.iter().filter(|(at, _)| *at != end) {
        let _ =
            writeln!(svg, "  <line class=\"line\" x1=\"{x:.1}\" y1=\"32\" x2=\"{x:.1}\" y2=\"{}\"/>", bottom + 42.0);
        let (day, rest) = (at / DAY, at % DAY / HOUR);
        let words = if rest == 0 { format!("day {day}") } else { format!("{day} d {rest} h") };
        let _ = writeln!(svg, "  <text class=\"small\" x=\"{x:.1}\" y=\"22\" text-anchor=\"middle\">{words}</text>");
    }
    for (at, (life, name)) in lives.iter().zip(["A", "B", "C"]).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "three lanes")]
        let y = top + lane * at as f64;
        let _ = writeln!(svg, "  <text class=\"name\" x=\"16\" y=\"{}\">key {name}</text>", y + 17.0);
        let spans = [
            ("next", "next", life.next, life.active),
            ("active", "active: it signs", life.active, life.retiring),
            ("retiring", "retiring", life.retiring, life.retired),
        ];
        for (class, words, from, to) in spans {
            if let Some(from) = from {
                bar(&mut svg, (axis.x(from), axis.x(to.unwrap_or(end))), y, class, words);
            }
        }
        if let Some(retired) = life.retired {
            let _ = writeln!(
                svg,
                "  <text class=\"small\" x=\"{:.1}\" y=\"{}\">retired</text>",
                axis.x(retired) + 6.0,
                y + 17.0
            );
        }
    }
    let y = bottom + 32.0;
    let _ = writeln!(svg, "  <text class=\"name\" x=\"16\" y=\"{y}\">JWKS</text>");
    for pair in axis.0.windows(2) {
        let is_shown = |life: &Life| {
            let since = life.next.or(life.active).unwrap();
            since <= pair[0].0 && life.retired.is_none_or(|retired| retired > pair[0].0)
        };
        let names: Vec<&str> =
            lives.iter().zip(["A", "B", "C"]).filter(|(life, _)| is_shown(life)).map(|(_, name)| name).collect();
        let middle = f64::midpoint(pair[0].1, pair[1].1);
        let _ = writeln!(svg, "  <text x=\"{middle:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", names.join(" "));
    }
    let _ = writeln!(
        svg,
        "  <text class=\"small\" x=\"16\" y=\"{}\">Long spans are drawn shorter. Published before it signs: {} h at least; after \
         its last token: {} h.</text>",
        height - 14.0,
        limit::KEY_WARM_UP.as_secs() / 3_600,
        limit::KEY_OVERLAP.as_secs() / 3_600
    );
    svg.push_str("</svg>\n");
    svg
}
