//! Fan-out: how long messages take to reach the members of their room, the slowest deliveries included; how evenly the rooms are
//! served; and what share of the deliveries came at all. The same for documents that are written together.

use model::define::protocol::Protocol;
use model::define::workload::Stream;
use model::record::{DeliveriesObservation, RoomObservation};

use crate::charts::quantile_lines::{self, Lines};
use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Pen, Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

pub(crate) struct FanOut;

/// Most marks of an arm along the rooms: where there are more rooms, a mark is a group of neighbours.
const GROUPS_MAX: usize = 20;
/// How far apart the marks of the arms are.
const APART: f64 = 5.0;
/// The acknowledgement: what a sender itself waits for.
const OWN: Dash = Dash::Dotted;

/// What became of the deliveries of some rooms over all blocks.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    expected: u64,
    received: u64,
    timed: u64,
    latency_us_sum: f64,
    latency_us_max: f64,
}

/// One arm.
struct Served<'a> {
    series: Series<'a>,
    lines: Lines,
    /// The deliveries to each message's own sender, where they were recorded.
    own: Option<Lines>,
    groups: Vec<Group>,
    deliveries: Vec<&'a DeliveriesObservation>,
}

impl Group {
    fn add(&mut self, room: &RoomObservation) {
        self.expected += room.expected;
        self.received += room.received;
        for second in &room.seconds {
            if let Some(mean) = second.latency_us_mean {
                self.timed += second.received;
                self.latency_us_sum += mean * second.received as f64;
            }
            self.latency_us_max = self.latency_us_max.max(second.latency_us_max.unwrap_or(0.0));
        }
    }

    fn mean_us(&self) -> Option<f64> {
        (self.timed > 0).then(|| self.latency_us_sum / self.timed as f64)
    }

    fn reach(&self) -> Option<f64> {
        (self.expected > 0).then(|| self.received as f64 / self.expected as f64)
    }
}

impl Served<'_> {
    fn sum(&self, of: impl Fn(&DeliveriesObservation) -> u64) -> u64 {
        self.deliveries.iter().map(|found| of(found)).sum()
    }
}

impl Chart for FanOut {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let stream = design.stream().filter(|stream| stream.protocol.delivers())?;
    let arms = series(&run.record.header.servers, &design.compared());
    let served: Vec<Served<'_>> = arms.into_iter().filter_map(|series| served(run, design, stream, series)).collect();
    if served.is_empty() {
        return None;
    }
    let rooms = rooms(&served);
    let (frames, unit_us) = frames(&served, place_name(stream), rooms);
    let sheet = Sheet {
        name: format!("{}-fan-out", claim.verdict.claim),
        title: format!("Fan-out, spread and reach: {}", design.experiment.workload.title),
        finding: served.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!(
            "{} Thick: the deliveries of all blocks; thin: each block. By {}: mean of all blocks, and the slowest.",
            facts::load(design),
            place_name(stream).to_lowercase()
        ),
        legend: legend(&served),
        panels: frames,
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some((times, by_room)) = panels.split_first() else { return };
        for (place, arm) in served.iter().enumerate() {
            let offset = (place as f64 - (served.len() as f64 - 1.0) / 2.0) * APART;
            canvas.series(place, || {
                arm.own.iter().for_each(|own| quantile_lines::draw_plain(canvas, times, own, unit_us));
                quantile_lines::draw(canvas, times, &arm.lines, unit_us);
                if let [spread, reach] = by_room {
                    draw_rooms(canvas, [spread, reach], arm, (offset, unit_us));
                }
            });
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

/// What messages go to.
const fn place_name(stream: &Stream) -> &'static str {
    match stream.protocol {
        Protocol::WebsocketDocument(_) => "Document",
        _ => "Room",
    }
}

fn served<'a>(run: &Run<'a>, design: &Design<'a>, stream: &Stream, series: Series<'a>) -> Option<Served<'a>> {
    let carried = run.carried(design, &series.arm.id, &stream.name).into_iter();
    let deliveries: Vec<&DeliveriesObservation> = carried.filter_map(|found| found.deliveries.as_ref()).collect();
    let all = deliveries.iter().map(|found| found.latency.as_str());
    let lines = Lines::of(series.pen, series.short.clone(), all)?;
    let own = deliveries.iter().filter_map(|found| found.acknowledgement.as_deref());
    let pen = Pen { dash: OWN, ..series.pen };
    let own = Lines::of(pen, format!("{}, to the sender itself", series.short), own);
    Some(Served { groups: groups(&deliveries), own, lines, series, deliveries })
}

/// Rooms by their number, neighbours together where there are many.
fn groups(deliveries: &[&DeliveriesObservation]) -> Vec<Group> {
    let rooms = deliveries.iter().map(|found| found.rooms.len()).max().unwrap_or(0);
    let size = rooms.div_ceil(GROUPS_MAX).max(1);
    let mut groups = vec![Group::default(); rooms.div_ceil(size)];
    for (number, room) in deliveries.iter().flat_map(|found| found.rooms.iter().enumerate()) {
        if let Some(group) = groups.get_mut(number / size) {
            group.add(room);
        }
    }
    groups
}

/// The most rooms of any arm, drawn one by one or in groups.
fn rooms(served: &[Served<'_>]) -> usize {
    served.iter().flat_map(|arm| &arm.deliveries).map(|found| found.rooms.len()).max().unwrap_or(0)
}

fn legend(served: &[Served<'_>]) -> Vec<Entry> {
    let mut legend: Vec<Entry> = served
        .iter()
        .map(|arm| Entry { sign: Sign::Pen(arm.series.pen), text: arm.series.arm.label.clone() })
        .collect();
    if served.iter().any(|arm| arm.own.is_some()) {
        let line = Line { ink: Ink::Reference, dash: OWN, width: 1.6 };
        legend.push(Entry { sign: Sign::Line(line), text: "to the sender itself: its acknowledgement".to_owned() });
    }
    legend
}

fn frames(served: &[Served<'_>], place: &str, rooms: usize) -> (Vec<Frame>, f64) {
    let all: Vec<&Lines> = served.iter().flat_map(|arm| std::iter::once(&arm.lines).chain(&arm.own)).collect();
    let (times, unit_us) = quantile_lines::frame(&all, "Delivery time", "deliveries", &[], 170.0);
    if rooms == 0 {
        return (vec![times], unit_us);
    }
    let unit = if unit_us > 1.0 { "ms" } else { "µs" };
    let size = rooms.div_ceil(GROUPS_MAX).max(1);
    let marks = rooms.div_ceil(size).max(1);
    let title = match size {
        1 => format!("{place} (number)"),
        _ => format!("{place} (number of the first of {size} neighbours)"),
    };
    let mut x = Axis::between(title, 0.0, marks as f64 + 1.0);
    x.ticks = (1..=marks).map(|mark| (mark as f64, ((mark - 1) * size + 1).to_string())).collect();
    let groups = || served.iter().flat_map(|arm| &arm.groups);
    let spread = groups().flat_map(|group| [group.mean_us(), Some(group.latency_us_max)]).flatten();
    let spread = Axis::log(format!("Mean and slowest ({unit}, log scale)"), spread.map(|us| us / unit_us), 4.0);
    let least = groups().filter_map(Group::reach).fold(1.0, f64::min) * 100.0;
    let reach = Axis::between("Reach (% of the deliveries due)", least.floor().min(99.0), 100.0);
    let bare = Axis { title: String::new(), ..x.clone() };
    let frame = |x, y, height| Frame { x, y, height, right: quantile_lines::RIGHT };
    (vec![times, frame(bare, spread, 110.0), frame(x, reach, 70.0)], unit_us)
}

fn draw_rooms(canvas: &Canvas<'_>, [spread, reach]: [&Panel; 2], arm: &Served<'_>, (offset, unit_us): (f64, f64)) {
    let pen = arm.series.pen;
    for (number, group) in arm.groups.iter().enumerate() {
        let x = spread.x(number as f64 + 1.0) + offset;
        if let Some(mean) = group.mean_us() {
            let (at, top) = ((x, spread.y(mean / unit_us)), (x, spread.y(group.latency_us_max / unit_us)));
            canvas.line([at, top], Line::solid(pen.ink, 1.4));
            pen.mark(canvas, at);
            let [mean, slowest] = [mean, group.latency_us_max].map(words::micros);
            canvas.spot(at, format!("{}, mark {}: mean {mean}, slowest {slowest}", arm.series.short, number + 1));
        }
        if let Some(share) = group.reach() {
            let at = (x, reach.y(share * 100.0));
            pen.mark(canvas, at);
            let [received, expected] = [group.received, group.expected].map(words::count);
            canvas.spot(at, format!("{}, mark {}: {received} of {expected} came", arm.series.short, number + 1));
        }
    }
}

fn finding(arm: &Served<'_>) -> String {
    let [received, expected] = [arm.sum(|found| found.received), arm.sum(|found| found.expected)].map(words::count);
    let [late, again, disordered] =
        [arm.sum(|found| found.late), arm.sum(|found| found.duplicates), arm.sum(|found| found.out_of_order)]
            .map(words::count);
    let means = || arm.groups.iter().filter_map(Group::mean_us);
    let (least, greatest) = (means().fold(f64::INFINITY, f64::min), means().fold(0.0, f64::max));
    let rooms = if greatest > 0.0 {
        format!(" Means by room: {} to {}.", words::micros(least), words::micros(greatest))
    } else {
        String::new()
    };
    let own = arm.own.as_ref().map_or_else(String::new, |own| format!(" (to the sender itself {})", own.said(0.5)));
    format!(
        "{}: in {} blocks {received} of {expected} deliveries came in time, half within {}{own} and 99 % within {}; {late} came late, {again} again and {disordered} out of order.{rooms}",
        arm.series.arm.label,
        arm.lines.blocks(),
        arm.lines.said(0.5),
        arm.lines.said(0.99),
    )
}
